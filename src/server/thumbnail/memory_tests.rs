//! The memory that decoding really takes, as the system measures it.
//!
//! Each picture is decoded in a separate process, whose peak resident memory is read.

use std::{fs, io::Write, path::Path, process::Command, rc::Rc};

use flate2::{Compression, write::ZlibEncoder};
use image::ExtendedColorType;
use tokio::{runtime::Builder, task::LocalSet};

use super::*;
use crate::server::{
    path::RequestPath,
    share::{Content, OpenShare, Resource},
};

/// Names the directory of pictures when a test runs again in a separate process.
const DIR: &str = "SPOT_SERVE_TEST_PICTURES";

const MB: u64 = 1024 * 1024;

/// A number of bytes in the status of this process.
fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// How far the resident memory grows while something runs.
fn peak<T>(run: impl FnOnce() -> T) -> (u64, T) {
    let before = status("VmRSS:");
    // Resets the peak (proc_pid_clear_refs(5)).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let result = run();
    (status("VmHWM:").saturating_sub(before), result)
}

/// Runs a test of this file again in a separate process.
fn run_again(test: &str, dir: &Path) {
    let name = format!("server::thumbnail::memory_tests::{test}");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(DIR, dir)
        // As the program sets them when it starts.
        .envs([
            ("MALLOC_ARENA_MAX", "2"),
            ("MALLOC_MMAP_THRESHOLD_", "1048576"),
            ("MALLOC_TRIM_THRESHOLD_", "1048576"),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    eprintln!("{text}");
    assert!(output.status.success(), "{out}\n{text}");
}

fn zeros(length: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(1));
    let block = vec![0; MB as usize];
    let mut left = length;
    while left > 0 {
        let part = left.min(block.len());
        encoder.write_all(&block[..part]).unwrap();
        left -= part;
    }
    encoder.finish().unwrap()
}

/// A black PNG, with another chunk in front of the pixels.
fn png(
    (width, height): (u32, u32),
    depth: u8,
    color: u8,
    interlace: u8,
    extra: (&[u8; 4], &[u8]),
) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut put = |kind: &[u8; 4], data: &[u8]| {
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let start = png.len();
        png.extend(kind);
        png.extend(data);
        png.extend(crc32fast::hash(&png[start..]).to_be_bytes());
    };
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, color, 0, 0, interlace]);
    put(b"IHDR", &header);
    put(extra.0, extra.1);
    let samples = match color {
        2 => 3,
        6 => 4,
        _ => 1,
    };
    let row = (width as usize * samples * usize::from(depth)).div_ceil(8) + 1;
    // Interlaced rows take a little more.
    put(
        b"IDAT",
        &zeros(row * height as usize + 8 * height as usize * usize::from(interlace)),
    );
    put(b"IEND", b"");
    png
}

/// A grey JPEG without subsampling. If it is progressive, it has only the first scan.
fn jpeg(side: u16, is_progressive: bool) -> Vec<u8> {
    let mut jpeg = b"\xff\xd8\xff\xdb\0\x43\0".to_vec();
    jpeg.extend([1; 64]);
    jpeg.extend([0xff, if is_progressive { 0xc2 } else { 0xc0 }, 0, 17, 8]);
    jpeg.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
    jpeg.extend(b"\x03\x01\x11\0\x02\x11\0\x03\x11\0");
    for table in [0x00, 0x10] {
        // One symbol of one bit: no difference, or the end of the block.
        jpeg.extend([0xff, 0xc4, 0, 20, table, 1]);
        jpeg.extend([0; 16]);
    }
    jpeg.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0");
    jpeg.extend(if is_progressive { [0, 0] } else { [63, 0] });
    let blocks = usize::from(side).div_ceil(8).pow(2) * 3;
    let bits = if is_progressive { blocks } else { 2 * blocks };
    jpeg.extend(vec![0; bits.div_ceil(8)]);
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

fn gif(side: u16) -> Vec<u8> {
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    let frame = image::RgbaImage::from_pixel(side.into(), side.into(), image::Rgba([9, 9, 9, 255]));
    encoder.encode_frame(image::Frame::new(frame)).unwrap();
    drop(encoder);
    // A frame that isn't as large as the canvas is decoded into a buffer of its own.
    gif[6..8].copy_from_slice(&(side + 1).to_le_bytes());
    gif
}

fn webp(side: u32) -> Vec<u8> {
    let mut webp = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut webp)
        .encode(
            &vec![9; (side * side * 3) as usize],
            side,
            side,
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    webp
}

/// A lossless WebP of 4 by 4 pixels with a code of five kilobytes for every few bits.
fn webp_of_codes(groups: u32) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut put = |value: u32, count: u32| bits.extend((0..count).map(|bit| value >> bit & 1 == 1));
    put(0x2f, 8);
    put(3, 14);
    put(3, 14);
    put(0, 4);
    put(0b100, 3);
    put(0, 3);
    put(0, 1);
    for symbol in [(groups - 1) & 255, (groups - 1) >> 8, 0, 0, 0] {
        put(0b101, 3);
        put(symbol, 8);
    }
    for _ in 0..groups {
        for _ in 0..5 {
            // Lengths from 1 to 12, with two of 12, each coded with four bits.
            put(0, 1);
            put(15, 4);
            for symbol in [
                17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
            ] {
                put(if symbol < 16 { 4 } else { 0 }, 3);
            }
            put(1, 1);
            put(1, 3);
            put(13 - 2, 4);
            for length in (1..=12_u32).chain([12]) {
                put(length.reverse_bits() >> 28, 4);
            }
        }
    }
    let mut stream = vec![0; bits.len().div_ceil(8) + 8];
    for (at, _) in bits.iter().enumerate().filter(|bit| *bit.1) {
        stream[at / 8] |= 1 << (at % 8);
    }
    let mut webp = b"RIFF\0\0\0\0WEBPVP8L".to_vec();
    webp.extend(u32::try_from(stream.len()).unwrap().to_le_bytes());
    webp.extend(stream);
    webp
}

/// The dearest way to make one.
fn wish(purpose: Purpose) -> Wish {
    Wish::new(purpose, true)
}

#[test]
fn decoding_takes_no_more_memory_than_estimated() {
    let Some(dir) = std::env::var_os(DIR) else {
        let bomb = [b"x\0\0", &zeros(100_000_000)[..]].concat();
        let none = (b"teSt", &b""[..]);
        for (name, picture) in [
            ("progressive.jpg", jpeg(2400, true)),
            ("baseline.jpg", jpeg(2400, false)),
            ("rgba16.png", png((2000, 2000), 16, 6, 0, none)),
            ("interlaced.png", png((2000, 2000), 8, 6, 1, none)),
            ("wide.png", png((2_000_000, 1), 16, 6, 0, none)),
            ("grey.png", png((3000, 3000), 1, 0, 0, none)),
            ("profile.png", png((100, 100), 8, 2, 0, (b"iCCP", &bomb))),
            ("text.png", png((100, 100), 8, 2, 0, (b"zTXt", &bomb))),
            ("frame.gif", gif(1500)),
            ("lossless.webp", webp(1500)),
            ("codes.webp", webp_of_codes(3000)),
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(name), picture).unwrap();
            run_again("decoding_takes_no_more_memory_than_estimated", dir.path());
        }
        return;
    };
    let path = fs::read_dir(dir).unwrap().next().unwrap().unwrap().path();
    let data = fs::read(&path).unwrap();
    let estimate = cost::exact(&data).expect("a picture") + make::besides(0, Purpose::View);
    // Loads the code into memory.
    assert_ne!(
        make::shrunk(&jpeg(64, true), wish(Purpose::Card)),
        Made::Nothing
    );
    let (peak, made) = peak(|| make::shrunk(&data, wish(Purpose::View)));
    eprintln!("{path:?} takes {peak} of {estimate} bytes");
    assert!(made != Made::Nothing || path.ends_with("codes.webp"));
    assert!(
        peak <= estimate,
        "{path:?} takes {peak}, not {estimate} bytes"
    );
    // An estimate that is far too high would refuse good pictures, of which a single long row isn't
    // one.
    assert!(
        path.ends_with("wide.png") || estimate <= peak + peak / 2 + 64 * MB,
        "{path:?} takes {peak}, not {estimate} bytes"
    );
}

#[test]
fn all_pictures_together_stay_within_the_bound() {
    const FOLDERS: usize = 6;
    let Some(dir) = std::env::var_os(DIR) else {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..2 {
            let picture = jpeg(3600 + 8 * number, true);
            fs::write(dir.path().join(format!("{number}.jpg")), picture).unwrap();
        }
        run_again("all_pictures_together_stay_within_the_bound", dir.path());
        return;
    };
    let runtime = Builder::new_current_thread().build().unwrap();
    let before = status("VmRSS:");
    let (peak, ()) = peak(|| {
        let visitors = LocalSet::new();
        for _ in 0..FOLDERS {
            let folder = Content::Folder(Path::new(&dir).to_owned());
            let share = Rc::new(OpenShare::open(&folder, false).unwrap());
            let thumbnails = Rc::new(Thumbnails::new(None));
            for name in ["0.jpg", "1.jpg"] {
                let (share, thumbnails) = (Rc::clone(&share), Rc::clone(&thumbnails));
                visitors.spawn_local(async move {
                    let path = RequestPath::from_names([std::ffi::OsStr::new(name)]).unwrap();
                    let Resource::File(place) = share.find(&path).await.unwrap() else {
                        panic!("it is a file");
                    };
                    let wish = wish(Purpose::Card);
                    let picture = thumbnails.picture(&place, name.as_bytes(), wish).await;
                    assert_ne!(picture.unwrap(), Made::Nothing);
                });
            }
        }
        runtime.block_on(visitors);
    });
    eprintln!("{peak} bytes for {} pictures", 2 * FOLDERS);
    assert!(peak <= budget::MAX_BYTES + 32 * MB, "{peak} bytes");
    let after = status("VmRSS:").saturating_sub(before);
    assert!(after < 64 * MB, "{after} bytes are kept");
}

#[test]
fn a_picture_beyond_the_bound_is_refused_unless_its_blocks_will_do() {
    let (photo, codes) = (jpeg(8000, true), webp_of_codes(20_000));
    for picture in [&photo, &codes] {
        assert!(cost::exact(picture).unwrap() > budget::MAX_BYTES);
    }
    assert_eq!(make::shrunk(&codes, wish(Purpose::Tile)), Made::Nothing);
    // A thousand blocks wide, which is too little for a screen.
    assert_ne!(make::shrunk(&photo, wish(Purpose::Tile)), Made::Nothing);
    assert_eq!(make::shrunk(&photo, wish(Purpose::View)), Made::Original);
}

//! Compresses bytes, piece by piece.

use std::io::{self, Write};

use brotli::{CompressorWriter, enc::BrotliEncoderParams};
use zstd_safe::{CCtx, CParameter, InBuffer, OutBuffer, zstd_sys::ZSTD_EndDirective};

use super::{encoding::Encoding, gzip::Gzip};

/// Brotli looks back this far, as a power of two, in what has no known length: 256 KiB.
const BROTLI_WINDOW: u32 = 18;

/// And at most this far: 1 MiB.
const MAX_BROTLI_WINDOW: u32 = 20;

/// The same for zstd. Browsers allow 8 MiB.
const ZSTD_WINDOW: u32 = 20;

/// How much brotli passes on at a time.
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;

/// How much time compressing may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// For what is long, and may be compressed already: several hundred megabytes a second.
    Little,
    /// For text that a visitor waits for: one core of a slow computer makes more than 100 Mbit of it a second.
    Usual,
    /// For what nobody waits for.
    Most,
}

/// Compresses pieces to one whole.
pub struct Encoder(Kind);

enum Kind {
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Zstd(CCtx<'static>),
    Gzip(Gzip),
}

impl Encoder {
    /// For a whole of this length, if it is known.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn new(encoding: Encoding, effort: Effort, length: Option<u64>) -> io::Result<Self> {
        Ok(Self(match encoding {
            Encoding::Brotli => Kind::Brotli(Box::new(brotli(effort, length))),
            Encoding::Zstd => Kind::Zstd(zstd(effort, length)?),
            Encoding::Gzip => Kind::Gzip(Gzip::new(match effort {
                Effort::Little => 1,
                Effort::Usual => 6,
                Effort::Most => 9,
            })),
        }))
    }

    /// Appends what is ready of a piece and those before it. The rest comes later.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn write(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match &mut self.0 {
            Kind::Brotli(writer) => {
                writer.write_all(piece)?;
                out.append(writer.get_mut());
            }
            Kind::Zstd(context) => {
                zstd_step(context, piece, out, ZSTD_EndDirective::ZSTD_e_continue)?;
            }
            Kind::Gzip(gzip) => gzip.add(piece, out)?,
        }
        Ok(())
    }

    /// Appends what makes up a piece. A client can decompress all pieces so far.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn add(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match &mut self.0 {
            Kind::Brotli(writer) => {
                writer.write_all(piece)?;
                writer.flush()?;
                out.append(writer.get_mut());
            }
            Kind::Zstd(context) => zstd_step(context, piece, out, ZSTD_EndDirective::ZSTD_e_flush)?,
            Kind::Gzip(gzip) => gzip.add(piece, out)?,
        }
        Ok(())
    }

    /// Appends the end.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn end(self, out: &mut Vec<u8>) -> io::Result<()> {
        self.end_with(&[], out)
    }

    /// Appends the last piece and the end.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn end_with(self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self.0 {
            Kind::Brotli(mut writer) => {
                writer.write_all(piece)?;
                out.append(&mut writer.into_inner());
            }
            Kind::Zstd(mut context) => {
                zstd_step(&mut context, piece, out, ZSTD_EndDirective::ZSTD_e_end)?
            }
            Kind::Gzip(mut gzip) => {
                gzip.add(piece, out)?;
                gzip.end(out);
            }
        }
        Ok(())
    }
}

fn brotli(effort: Effort, length: Option<u64>) -> CompressorWriter<Vec<u8>> {
    let window = length.map_or(BROTLI_WINDOW, |length| {
        // It can't look back at the last 16 bytes of its window.
        let bits = u64::BITS - length.saturating_add(16).leading_zeros();
        bits.clamp(16, MAX_BROTLI_WINDOW)
    });
    let params = BrotliEncoderParams {
        quality: match effort {
            Effort::Little => 2,
            Effort::Usual => 5,
            Effort::Most => 11,
        },
        // At most 24.
        lgwin: window as i32,
        size_hint: length.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX)),
        ..BrotliEncoderParams::default()
    };
    CompressorWriter::with_params(Vec::new(), BROTLI_BUFFER_BYTES, &params)
}

fn zstd(effort: Effort, length: Option<u64>) -> io::Result<CCtx<'static>> {
    let level = match effort {
        Effort::Little => 3,
        Effort::Usual => 8,
        Effort::Most => 19,
    };
    let mut context = CCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
    for parameter in [
        CParameter::CompressionLevel(level),
        CParameter::WindowLog(ZSTD_WINDOW),
    ] {
        context.set_parameter(parameter).map_err(zstd_error)?;
    }
    context.set_pledged_src_size(length).map_err(zstd_error)?;
    Ok(context)
}

/// Appends what becomes of a piece, and as much more as `end` asks for.
fn zstd_step(
    context: &mut CCtx<'_>,
    piece: &[u8],
    out: &mut Vec<u8>,
    end: ZSTD_EndDirective,
) -> io::Result<()> {
    let mut input = InBuffer::around(piece);
    loop {
        out.reserve(piece.len() / 4 + 1024);
        let place = out.len();
        let mut output = OutBuffer::around_pos(out, place);
        let left = context
            .compress_stream2(&mut output, &mut input, end)
            .map_err(zstd_error)?;
        let is_done = left == 0 || end == ZSTD_EndDirective::ZSTD_e_continue;
        if is_done && input.pos() == piece.len() {
            return Ok(());
        }
    }
}

fn zstd_error(code: usize) -> io::Error {
    io::Error::other(zstd_safe::get_error_name(code))
}

#[cfg(test)]
pub mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    /// What a client makes of a whole that is compressed.
    pub fn decoded(encoding: Encoding, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match encoding {
            Encoding::Brotli => {
                let mut rest = bytes;
                let mut decoder = brotli::Decompressor::new(&mut rest, 4096);
                decoder.read_to_end(&mut plain).unwrap();
            }
            Encoding::Zstd => {
                // Like browsers, this decodes only one frame.
                plain = vec![0; 4 << 20];
                let length = zstd_safe::decompress(&mut plain[..], bytes).unwrap();
                plain.truncate(length);
            }
            Encoding::Gzip => {
                // Like browsers, this decodes only one member, and checks the checksum.
                let mut decoder = flate2::bufread::GzDecoder::new(bytes);
                decoder.read_to_end(&mut plain).unwrap();
                assert!(decoder.into_inner().is_empty(), "nothing follows");
            }
        }
        plain
    }

    fn encoded(encoding: Encoding, pieces: &[Vec<u8>], length: Option<u64>) -> Vec<u8> {
        let mut encoder = Encoder::new(encoding, Effort::Usual, length).unwrap();
        let mut out = Vec::new();
        for piece in pieces {
            encoder.add(piece, &mut out).unwrap();
        }
        encoder.end(&mut out).unwrap();
        out
    }

    #[test]
    fn text_gets_much_smaller() {
        let text = b"some words that repeat, ".repeat(4_000);
        let pieces = [text.clone(), text.clone()];
        for encoding in Encoding::ALL {
            let small = encoded(encoding, &pieces, None);
            assert!(decoded(encoding, &small) == pieces.concat());
            assert!(
                small.len() < text.len() / 50,
                "{encoding:?}: {}",
                small.len()
            );
            assert_eq!(decoded(encoding, &encoded(encoding, &[], None)), b"");
            assert_eq!(decoded(encoding, &encoded(encoding, &[], Some(0))), b"");
        }
    }

    #[test]
    fn a_client_can_show_each_piece_at_once() {
        for encoding in Encoding::ALL {
            let mut encoder = Encoder::new(encoding, Effort::Usual, None).unwrap();
            let mut out = Vec::new();
            for piece in [&b"the first"[..], b" and the second"] {
                encoder.add(piece, &mut out).unwrap();
            }
            let mut shown = [0; 24];
            let mut rest = &out[..];
            match encoding {
                Encoding::Brotli => {
                    let mut decoder = brotli::Decompressor::new(&mut rest, 4096);
                    decoder.read_exact(&mut shown).unwrap();
                }
                Encoding::Zstd => {
                    let mut decoder = zstd_safe::DCtx::create();
                    let mut input = InBuffer::around(&out);
                    let mut output = OutBuffer::around(&mut shown[..]);
                    while input.pos() < out.len() {
                        decoder.decompress_stream(&mut output, &mut input).unwrap();
                    }
                }
                Encoding::Gzip => {
                    let mut decoder = flate2::bufread::GzDecoder::new(rest);
                    decoder.read_exact(&mut shown).unwrap();
                }
            }
            assert_eq!(&shown, b"the first and the second", "{encoding:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn decompressing_gives_back_the_text(
            seeds in proptest::collection::vec((1_usize..120_000, proptest::num::u8::ANY), 0..4),
            is_known: bool,
        ) {
            // Noise, which gets longer when compressed, and runs.
            let piece = |&(length, seed): &(usize, u8)| {
                let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
                let byte = |i: usize| if seed & 1 == 0 { noise(i) } else { seed };
                (1..=length).map(byte).collect::<Vec<u8>>()
            };
            let pieces: Vec<_> = seeds.iter().map(piece).collect();
            let plain = pieces.concat();
            for encoding in Encoding::ALL {
                let length = is_known.then_some(plain.len() as u64);
                prop_assert!(decoded(encoding, &encoded(encoding, &pieces, length)) == plain);
                let mut whole = Vec::new();
                let encoder = Encoder::new(encoding, Effort::Usual, length).unwrap();
                encoder.end_with(&plain, &mut whole).unwrap();
                prop_assert!(decoded(encoding, &whole) == plain);
            }
        }
    }
}

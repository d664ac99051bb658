//! The Markdown files and notebooks of a share as HTML, each rendered once for all who want it at the same time.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{
    decode::decoded,
    markdown::{MAX_BYTES, Rendered, render},
    notebook::{self, MAX_FILE_BYTES},
    words::Words,
};
use crate::server::{
    folder::{FileStamp, OpenFolderId},
    listing::{LIMITS, Listings},
    path::RequestPath,
    share::FileResource,
    transport::{ChunkSource, Outbox, read_at},
    work::{Keep, SharedWork},
};

/// Tells the viewer that the HTML contains only the start of the file. Rendered files never contain
/// a template, and browsers don't display one.
const CUT: &str = "<template></template>";

/// Renders the files of one share.
#[derive(Debug)]
pub struct RenderedFiles(SharedWork<FileVersion, Rendered>);

/// What distinguishes one file from all others, and from what it was before. Stamps alone don't:
/// files on two disks may have the same.
#[derive(Debug, PartialEq)]
struct FileVersion {
    folder: OpenFolderId,
    path: RequestPath,
    stamp: FileStamp,
    /// What alerts are called in it depends on that.
    language: &'static str,
}

impl RenderedFiles {
    /// Files are rendered when it is the turn of these listings.
    pub fn new(listings: &Listings) -> Self {
        Self(SharedWork::new(listings.turns(), LIMITS))
    }

    /// A file as HTML, for the visitor of a connection who reads these texts. It is in memory once as long as anybody
    /// takes it.
    ///
    /// # Errors
    /// Those of opening and reading the file, and of [`SharedWork::get`].
    pub async fn get(
        &self,
        file: &FileResource,
        words: &'static Words,
        visitor: &Outbox,
    ) -> io::Result<Arc<Rendered>> {
        let (folder, path) = file.place();
        let is_notebook = is_notebook(path.last().unwrap_or_default());
        let (file, stamp) = file.open().await?;
        let version = FileVersion {
            folder,
            path,
            stamp,
            language: words.language,
        };
        let rendered = self.0.get(version, visitor.left(), move |_| {
            let most = if is_notebook {
                MAX_FILE_BYTES
            } else {
                MAX_BYTES
            };
            if is_notebook && stamp.size > most {
                return Err(io::ErrorKind::NotFound.into());
            }
            let mut text = vec![0; stamp.size.min(most) as usize];
            let read = read_at(&file, 0, &mut text)?;
            let mut rendered = if is_notebook {
                notebook::render(&text[..read], &words.alert).ok_or(io::ErrorKind::NotFound)?
            } else {
                render(&decoded(&text[..read]), &words.alert)
            };
            rendered.is_cut |= stamp.size > most;
            rendered.html.shrink_to_fit();
            let keep = if stamp.is_rested {
                Keep::WhileUsed
            } else {
                Keep::No
            };
            Ok((rendered, keep))
        });
        rendered.await
    }
}

/// Whether a file with this name is a notebook.
pub fn is_notebook(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b".ipynb")
}

/// A rendered file as a fragment for the page's viewer.
pub struct Fragment {
    rendered: Arc<Rendered>,
    written: usize,
}

impl Fragment {
    /// The body of a response.
    pub fn new(rendered: Arc<Rendered>) -> Self {
        let written = 0;
        Self { rendered, written }
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        (self.mark().len() + self.rendered.html.len()) as u64
    }

    /// What is written first.
    fn mark(&self) -> &'static str {
        if self.rendered.is_cut { CUT } else { "" }
    }
}

impl ChunkSource for Fragment {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mark = self.mark().as_bytes();
        let mark_left = &mark[self.written.min(mark.len())..];
        let html = self.rendered.chunk(self.written.saturating_sub(mark.len()));
        let chunk = [mark_left, html].concat();
        self.written += chunk.len();
        Ok((!chunk.is_empty()).then(|| chunk.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::markdown::CHUNK_BYTES, *};

    #[test]
    fn a_fragment_is_written_once_and_in_short_pieces() {
        for (html, is_cut) in [
            (String::new(), false),
            (String::new(), true),
            ("<p>é</p>".to_owned(), true),
            ("<p>é</p>".repeat(20_000), false),
            ("<p>é</p>".repeat(20_000), true),
        ] {
            let expected = format!("{}{html}", if is_cut { CUT } else { "" });
            let mut fragment = Fragment::new(Arc::new(Rendered { html, is_cut }));
            assert_eq!(fragment.length(), expected.len() as u64);
            let mut text = Vec::new();
            while let Some(chunk) = fragment.next().unwrap() {
                assert!(chunk.len() <= CHUNK_BYTES + CUT.len());
                text.extend_from_slice(&chunk);
            }
            assert!(text == expected.as_bytes());
        }
    }
}

//! The page for handing in files: the only one of an inbox, and one more for each folder of a share
//! to which visitors may add files.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderMap, VARY},
    },
};
use askama::Template;
use serde::Serialize;

use super::{
    assets::{UPLOAD_SCRIPT, UPLOAD_STYLE},
    plural::Plural,
    policy::describe_upload,
    text::script_json,
    words::{UploaderWords, Words},
};
use crate::server::{
    http::headers::SECRET,
    path::{RequestPath, shown_name},
};

/// What the page says.
#[derive(Debug)]
pub struct UploadPage<'a> {
    /// The name of the share.
    pub title: &'a str,
    /// Whether visitors see nothing else of the share.
    pub is_inbox: bool,
    /// The folder that files are added to.
    pub folder: &'a RequestPath,
    /// What the owner wants visitors to know; may be empty.
    pub message: &'a str,
    /// The files that this visitor has just delivered, with their sizes. The page thanks for them.
    pub delivered: Option<&'a [(String, u64)]>,
    /// Why a form was not taken.
    pub error: Option<UploadNotice>,
}

/// Why a form with files was not taken, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadNotice {
    /// There was neither a file nor a text in it.
    NothingChosen,
    /// The owner has switched it off.
    SettingOff,
    /// The share has ended.
    Ended,
    /// A file is larger than allowed.
    TooLarge,
    /// The share or this visitor may hand in no more.
    Quota,
    DiskFull,
    /// Too many uploads are open.
    TooMany,
    /// The folder can't be reached.
    Away,
    /// There is no way to store a file with this name.
    Name,
    /// The form ended too early.
    Incomplete,
}

impl UploadNotice {
    /// The status of a response that says so.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NothingChosen | Self::Name | Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::SettingOff => StatusCode::FORBIDDEN,
            Self::Ended => StatusCode::GONE,
            Self::TooLarge | Self::Quota => StatusCode::PAYLOAD_TOO_LARGE,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(self, words: &Words) -> &str {
        let (form, any) = (&words.upload, &words.uploader);
        match self {
            Self::NothingChosen => &any.nothing_chosen,
            Self::SettingOff => &any.setting_off,
            Self::Ended => &any.ended,
            Self::TooLarge => &form.too_large,
            Self::Quota => &any.quota,
            Self::DiskFull => &any.disk_full,
            Self::TooMany => &form.too_many,
            Self::Away => &form.away,
            Self::Name => &form.name_refused,
            Self::Incomplete => &form.incomplete,
        }
    }
}

const ICONS: &str = include_str!("upload/icons.svg");

#[derive(Template)]
#[template(path = "upload.html")]
struct Written<'a> {
    words: &'static Words,
    title: &'a str,
    /// For link previews.
    description: &'a str,
    is_inbox: bool,
    who_sees: &'static str,
    message: &'a str,
    delivered: Option<Vec<(String, String)>>,
    thanks: String,
    error: Option<&'static str>,
    style: &'static str,
    icons: &'static str,
    script: &'static str,
    script_data: String,
}

/// Data for the script.
#[derive(Serialize)]
struct ScriptData<'a> {
    title: &'a str,
    words: &'a ScriptWords,
}

#[derive(Serialize)]
struct ScriptWords {
    #[serde(flatten)]
    uploader: &'static UploaderWords,
    thanks: &'static str,
    files: &'static Plural,
    delivered: &'static Plural,
}

/// The page, in the language of a request with these headers.
pub fn upload(page: &UploadPage<'_>, request: &HeaderMap) -> HttpResponse {
    let words = Words::of(request);
    let name = page.folder.last().unwrap_or(page.title.as_bytes());
    let name = shown_name(name);
    let (title, who_sees) = if page.is_inbox {
        (name, &words.upload.others_do_not_see)
    } else {
        let title = words.upload.add_to.replace("{name}", &name);
        (title, &words.upload.everyone_sees)
    };
    let delivered = page.delivered.map(|files| {
        let files = files.iter();
        files
            .map(|(name, size)| (shown_name(name.as_bytes()), words.size(*size)))
            .collect::<Vec<_>>()
    });
    let script_words = ScriptWords {
        uploader: &words.uploader,
        thanks: &words.upload.thanks,
        files: &words.count.file,
        delivered: &words.count.delivered,
    };
    let written = Written {
        words,
        title: &title,
        description: if page.message.is_empty() {
            who_sees
        } else {
            page.message
        },
        is_inbox: page.is_inbox,
        who_sees,
        message: page.message,
        thanks: words.delivered(delivered.as_ref().map_or(0, Vec::len) as u64),
        delivered,
        error: page.error.map(|error| error.text(words)),
        style: &UPLOAD_STYLE,
        icons: ICONS,
        script: &UPLOAD_SCRIPT,
        script_data: script_json(&ScriptData {
            title: &title,
            words: &script_words,
        }),
    };
    let mut response = HttpResponse::build(page.error.map_or(StatusCode::OK, UploadNotice::status));
    describe_upload(&mut response);
    response
        .insert_header((VARY, "Accept-Language"))
        .insert_header((CACHE_CONTROL, SECRET));
    // Writing to memory can't fail.
    response.body(written.render().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use actix_web::{
        body::to_bytes,
        http::header::{ACCEPT_LANGUAGE, HeaderValue},
    };

    use super::*;

    fn inbox(folder: &RequestPath) -> UploadPage<'_> {
        UploadPage {
            title: "<b>Homework</b>",
            is_inbox: true,
            folder,
            message: "",
            delivered: None,
            error: None,
        }
    }

    async fn text(response: HttpResponse) -> String {
        let body = to_bytes(response.into_body()).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn nothing_that_strangers_or_the_owner_wrote_is_markup() {
        let root = RequestPath::default();
        let files = [("<i>a\u{202e}b</i>".to_owned(), 3_000_000)];
        let page = UploadPage {
            message: "<script>1</script>",
            ..inbox(&root)
        };
        let asked = text(upload(&page, &HeaderMap::new())).await;
        assert!(asked.contains("&#60;script&#62;1") && asked.contains("&#60;b&#62;Homework"));
        let page = UploadPage {
            delivered: Some(&files),
            ..inbox(&root)
        };
        let thanks = text(upload(&page, &HeaderMap::new())).await;
        assert!(thanks.contains("&#60;i&#62;a\u{fffd}b"), "{thanks}");
        assert!(thanks.contains("1 file was delivered.") && thanks.contains("3.0 MB"));
    }

    #[tokio::test]
    async fn an_error_has_its_status_and_is_in_the_language_of_the_visitor() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
        let root = RequestPath::default();
        let page = UploadPage {
            error: Some(UploadNotice::DiskFull),
            ..inbox(&root)
        };
        let response = upload(&page, &headers);
        assert_eq!(response.status(), StatusCode::INSUFFICIENT_STORAGE);
        assert!(text(response).await.contains("kein Platz mehr"));
    }
}

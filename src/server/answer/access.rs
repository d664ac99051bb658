//! The gate: whether a request is answered at all.
//!
//! Every request passes [`Gate::decide`] before any handler sees it, for every route. A handler
//! gets the share only from [`Granted`], so there is no way around it. A new rule is one more check
//! there and one more [`Reason`] here.

use std::{net::IpAddr, sync::Arc};

use super::{
    operation::{self, Operation, query_of},
    receive,
    unlock::{self, knock_of},
};
use crate::server::{
    access::{Access, Closed, Decision, Knock, MAX_FORM_BYTES, Session, Submitted},
    downloads::Visit,
    http::{
        error::{blocked, error, overloaded},
        host::{PublicNames, RequestOrigin},
    },
    live::Caller,
    offer::Offer,
    origin::NetworkAddress,
    receive::Inbox,
    share::{Hiding, OpenShare, Presence},
    traffic::{TurnedAway, UnderWay},
    transport::{Framing, Outbox, Visitor},
    uploads::UploadRules,
};
use actix_http::Request as HttpRequest;
use actix_web::{
    HttpMessage, HttpResponse,
    http::{
        ConnectionType, StatusCode,
        header::{ALLOW, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT},
    },
};

/// The longest head of a request that is answered, in bytes.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// In which Cloudflare's edge names the visitor's country.
const COUNTRY: HeaderName = HeaderName::from_static("cf-ipcountry");

/// When a visitor who was turned away may try again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("60");

/// When a visitor may try again after the folder was missing. A build may be recreating it.
const RETRY_AWAY_S: HeaderValue = HeaderValue::from_static("5");

/// Whether the worker of a connection lets its requests be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Open,
    /// There are too many connections.
    Full,
    /// The share has ended.
    Ended,
}

/// A request that may be answered.
#[derive(Debug)]
pub struct Granted {
    pub origin: RequestOrigin,
    /// The visitor's address, if known.
    pub address: Option<IpAddr>,
    pub operation: Operation,
    /// A browser shows the answer, so it can be a page.
    pub is_browser: bool,
    /// What it may see.
    pub share: Arc<OpenShare>,
    /// What it may hand in; `None` for nothing.
    pub rules: Option<Arc<UploadRules>>,
    /// It goes on with an upload that was begun, which it may do after the end of the share.
    pub continues: bool,
    /// Counts the request until it is answered.
    pub under_way: Option<UnderWay>,
    /// The session of a visitor who has entered it.
    pub session: Option<Session>,
    /// Whose download it may be a part of.
    pub visit: Option<Visit>,
}

/// A request that never reaches a handler.
#[derive(Debug)]
pub struct Refused {
    /// Where it came from, if known.
    pub origin: Option<RequestOrigin>,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    /// The request is malformed, or for another host.
    Invalid(StatusCode),
    TooManyConnections,
    /// As many requests are under way as the service carries.
    TooManyRequests,
    Ended,
    /// The owner has blocked this visitor.
    Blocked,
    /// The visitor has not entered the password.
    Closed(Closed),
    /// It is a form with the password, and this has become of it.
    Submitted(Submitted),
    /// It is a form that is too long, has no length, or didn't arrive.
    NoForm(StatusCode),
    /// The share doesn't support the method, but these.
    UnknownMethod(HeaderValue),
    /// Nothing may be handed in.
    TakesNothing,
    /// Another website has made a browser send it.
    CrossOrigin,
    /// Nothing that is shared exists at the moment.
    Away,
}

impl Granted {
    /// Who sends this request, which was granted.
    pub fn caller<'a>(&'a self, request: &'a HttpRequest) -> Caller<'a> {
        caller(request, self.origin, self.address, self.session.as_ref())
    }
}

/// Decides on the requests of one share.
#[derive(Clone, Debug)]
pub struct Gate {
    presence: Presence,
    names: PublicNames,
    port: u16,
    access: Access,
}

impl Gate {
    /// Lets requests for these names on `port` see what is present, as far as the owner allows.
    pub fn new(presence: Presence, names: PublicNames, port: u16, access: Access) -> Self {
        Self {
            presence,
            names,
            port,
            access,
        }
    }

    /// What the owner allows.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// What comes in to the share.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.presence.clone(), self.access.uploads().clone())
    }

    /// Follows whether hidden files are hidden again.
    pub fn hiding(&self) -> Hiding {
        self.presence.hiding()
    }

    /// Where the share listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether a request is answered. The host is checked first, so that a request for another host
    /// learns nothing about the share.
    ///
    /// # Errors
    /// Why it is not answered.
    pub async fn decide(
        &self,
        request: &HttpRequest,
        admission: Admission,
        outbox: &Outbox,
    ) -> Result<Granted, Refused> {
        let invalid = |status| Refused {
            origin: None,
            reason: Reason::Invalid(status),
        };
        if outbox.framing() == Framing::Unclear {
            return Err(invalid(StatusCode::BAD_REQUEST));
        }
        let origin = self.origin(request).map_err(invalid)?;
        let refuse = |reason| Refused {
            origin: Some(origin),
            reason,
        };
        match admission {
            Admission::Open => {}
            Admission::Full => return Err(refuse(Reason::TooManyConnections)),
            Admission::Ended => return Err(refuse(Reason::Ended)),
        }
        let knock = knock_of(request, origin);
        let address = knock.address;
        let visitor = address.map(Visitor::new);
        if let Some(visitor) = visitor {
            outbox.asked_by(visitor);
        }
        let live = self.access.live();
        if live.is_blocked(|| caller(request, origin, address, None)) {
            return Err(refuse(Reason::Blocked));
        }
        let operation = Operation::of(request);
        let rules = self.access.uploads().rules();
        let continues = (rules.is_some() || self.presence.is_inbox())
            && operation.is_some_and(|operation| {
                receive::continues(operation, request.path(), query_of(request))
            });
        let traffic = self.access.traffic();
        let under_way = if knock.is_form() && !traffic.has_ended() {
            // It has a place of its own until it has arrived.
            None
        } else {
            let begun = if continues {
                traffic.go_on(origin)
            } else {
                traffic.begin(origin)
            };
            let begun = match begun {
                Err(TurnedAway::Busy) if outbox.make_room_in_tunnel(visitor) => {
                    traffic.replace(origin, !continues)
                }
                begun => begun,
            };
            match begun {
                Ok(under_way) => Some(under_way),
                Err(TurnedAway::Busy) => return Err(refuse(Reason::TooManyRequests)),
                Err(TurnedAway::Ended) => return Err(refuse(Reason::Ended)),
            }
        };
        let session = match self.access.lock().decide(&knock).await {
            // Somebody saw the page before the password was removed.
            Decision::Open(_) if knock.is_form() => {
                return Err(refuse(Reason::Submitted(Submitted::Unlocked(None))));
            }
            Decision::Open(session) => session,
            Decision::Form => {
                let form = Box::pin(self.form(&knock, outbox));
                return Err(refuse(form.await));
            }
            Decision::Closed(closed) => return Err(refuse(Reason::Closed(closed))),
        };
        if session.is_some_and(|session| {
            live.is_blocked(|| caller(request, origin, address, Some(&session)))
        }) {
            return Err(refuse(Reason::Blocked));
        }
        let is_inbox = self.presence.is_inbox();
        let unknown = || Reason::UnknownMethod(operation::allowed(is_inbox, rules.is_some()));
        let operation = operation
            // Nobody sees what is in an inbox, so it is no drive, and there is nothing to select.
            .filter(|operation| !(is_inbox && operation.is_of_seen()))
            .ok_or_else(|| refuse(unknown()))?;
        if !operation.is_reading() {
            if rules.is_none() {
                let is_meant = is_inbox || receive::is_meant(request.path(), query_of(request));
                return Err(refuse(if is_meant {
                    Reason::TakesNothing
                } else {
                    unknown()
                }));
            }
            if knock.is_cross_origin {
                return Err(refuse(Reason::CrossOrigin));
            }
        }
        if operation == Operation::Select && knock.is_cross_origin {
            return Err(refuse(Reason::CrossOrigin));
        }
        let share = self.presence.share().await;
        let share = share.ok_or_else(|| refuse(Reason::Away))?;
        Ok(Granted {
            origin,
            address,
            operation,
            is_browser: knock.is_browser,
            share,
            rules,
            continues,
            under_way,
            session,
            visit: None,
        })
    }

    /// Takes a form with the password.
    async fn form(&self, knock: &Knock<'_>, outbox: &Outbox) -> Reason {
        match outbox.framing() {
            Framing::Length(length) if length > MAX_FORM_BYTES as u64 => {
                return Reason::NoForm(StatusCode::PAYLOAD_TOO_LARGE);
            }
            Framing::Length(_) => {}
            _ => return Reason::NoForm(StatusCode::LENGTH_REQUIRED),
        }
        let forms = self.access.forms();
        match forms.wait_for(knock.address, outbox.whole_body()).await {
            Some(Ok(form)) => Reason::Submitted(self.access.lock().submit(knock, &form).await),
            Some(Err(_)) | None => Reason::NoForm(StatusCode::REQUEST_TIMEOUT),
        }
    }

    /// What it let a request see could not be read.
    pub fn doubt(&self) {
        self.presence.doubt();
    }

    /// Where the request came from, or the status to refuse it with.
    fn origin(&self, request: &HttpRequest) -> Result<RequestOrigin, StatusCode> {
        if head_bytes(request) > MAX_HEAD_BYTES {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        let mut hosts = request.headers().get_all(HOST);
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().map_err(|_| StatusCode::BAD_REQUEST)?,
            // Browsers send exactly one (RFC 9112, section 3.2).
            _ => return Err(StatusCode::BAD_REQUEST),
        };
        let misdirected = StatusCode::MISDIRECTED_REQUEST;
        let origin = |host: &str| match request.conn_data::<NetworkAddress>() {
            Some(at) => self.names.network_origin(host, at.0),
            None => self.names.origin(host, self.port),
        };
        // In the form used with proxies, the target names a host as well.
        if let Some(authority) = request.head().uri.authority() {
            origin(authority.as_str()).ok_or(misdirected)?;
        }
        origin(host).ok_or(misdirected)
    }
}

impl Refused {
    /// The response that says why.
    pub fn response(&self, request: &HttpRequest, offer: &Offer) -> HttpResponse {
        let knock = |origin| knock_of(request, origin);
        let origin = self.origin.unwrap_or(RequestOrigin::Loopback);
        match &self.reason {
            Reason::Invalid(status) => error(*status),
            Reason::Blocked => blocked(),
            Reason::Closed(closed) => {
                unlock::response(*closed, &knock(origin), request.headers(), offer)
            }
            // Whatever follows a form is not taken for a request.
            Reason::Submitted(submitted) => closed(unlock::to_form(
                submitted,
                &knock(origin),
                request.headers(),
                offer,
            )),
            Reason::NoForm(status) => closed(error(*status)),
            // The connection serves nothing more.
            Reason::Ended => closed(error(StatusCode::GONE)),
            Reason::TooManyConnections => closed(busy()),
            Reason::TooManyRequests => busy(),
            Reason::UnknownMethod(allowed) => {
                let mut response = error(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, allowed.clone());
                response
            }
            Reason::TakesNothing => receive::off(),
            Reason::CrossOrigin => error(StatusCode::FORBIDDEN),
            Reason::Away => {
                let mut response = error(StatusCode::SERVICE_UNAVAILABLE);
                response.headers_mut().insert(RETRY_AFTER, RETRY_AWAY_S);
                response
            }
        }
    }
}

/// Asks to come back later.
///
/// Status 503 rather than 429: Android's and Windows's download services and aria2 try again after a
/// 503, but take a 429 for a failure.
pub fn busy() -> HttpResponse {
    let mut response = overloaded();
    response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
    response
}

/// Makes it the last response of a connection.
pub fn closed(mut response: HttpResponse) -> HttpResponse {
    response
        .head_mut()
        .set_connection_type(ConnectionType::Close);
    response
}

/// Who sends a request.
fn caller<'a>(
    request: &'a HttpRequest,
    origin: RequestOrigin,
    address: Option<IpAddr>,
    session: Option<&'a Session>,
) -> Caller<'a> {
    let value = |name: &HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
    Caller {
        origin,
        address,
        network: address.map(|address| Visitor::new(address).address()),
        session: session.map(Session::as_bytes),
        agent: value(&USER_AGENT).unwrap_or_default(),
        country: value(&COUNTRY),
    }
}

/// The approximate size of a request's head as it was sent.
fn head_bytes(request: &HttpRequest) -> usize {
    let target = &request.head().uri;
    let target = target
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    let lines = request.headers().iter();
    target
        + lines
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum::<usize>()
}

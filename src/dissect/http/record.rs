//! The record of an exchange: a request and its response, of whatever version of HTTP.

use super::message::{Header, Message};
use crate::dissect::record::{objects, records};
use crate::dissect::text::mentions;
use crate::dissect::value::Bytes;

/// Headers whose values let one in: told only with secrets.
const SECRET: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "cookie2",
    "set-cookie",
    "set-cookie2",
    "x-api-key",
    "x-auth-token",
    "x-amz-security-token",
];

/// How the values of some of them begin.
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "negotiate", "ntlm", "token"];

/// Headers by which proxies are known, as in Zeek.
const PROXY: [&str; 7] =
    ["forwarded", "x-forwarded-for", "x-forwarded-from", "client-ip", "via", "xroxy-connection", "proxy-connection"];

records! {
    /// A request of HTTP and its response; or one of them alone, where the other was not seen.
    "http" Http {
        /// Which exchange of the conversation it is, from 1.
        trans_depth: u64,
        /// The stream of HTTP/2 that it is in.
        stream_id: Option<u32>,
        /// The method.
        method: Option<String> => / "http.request.method",
        /// The host that is asked: Host as it was sent, or `:authority` of HTTP/2.
        host: Option<String> => / "url.domain",
        /// What is asked for, as it was sent; a password before the host, here and in headers, only with `--secrets`.
        uri: Option<String> => / "url.original",
        /// The version, `1.1`; of the response if the request has none.
        version: Option<String> => / "http.version",
        /// The page that led here: Referer.
        referrer: Option<String> => / "http.request.referrer",
        /// The client's program: User-Agent.
        user_agent: Option<String> => / "user_agent.original",
        /// The site that asks: Origin.
        origin: Option<String>,
        /// Length of the request's body, decoded, where it is kept only in part too.
        request_body_len: Option<u64> => / "http.request.body.bytes" in "bytes",
        /// Length of the response's body, decoded, where it is kept only in part too.
        response_body_len: Option<u64> => / "http.response.body.bytes" in "bytes",
        /// The code of the response.
        status_code: Option<u16> => / "http.response.status_code",
        /// The words behind it.
        status_msg: Option<String>,
        /// The version that the response says.
        response_version: Option<String>,
        /// The code of the last interim response (1xx).
        info_code: Option<u16>,
        /// The words behind that.
        info_msg: Option<String>,
        /// The user of basic authentication.
        username: Option<String> => / "user.name",
        /// The user's password, only with `--secrets`.
        password: Option<String>,
        /// Headers that show that a proxy passed it on, as `NAME -> value`.
        proxied: Option<Vec<String>>,
        /// The type of the request's body, by its Content-Type.
        orig_mime_types: Option<Vec<String>> => / "http.request.mime_type",
        /// The type of the response's body, by its Content-Type.
        resp_mime_types: Option<Vec<String>> => / "http.response.mime_type",
        /// The request's headers in order: name and value; values of Authorization, Proxy-Authorization, Cookie, and
        /// headers that hold keys and tokens only with `--secrets`.
        request_headers: Option<Vec<HeaderField>>,
        /// The response's headers; the value of Set-Cookie only with `--secrets`.
        response_headers: Option<Vec<HeaderField>>,
        /// Headers behind the request's body.
        request_trailers: Option<Vec<HeaderField>>,
        /// Headers behind the response's body.
        response_trailers: Option<Vec<HeaderField>>,
        /// The request's body, decoded, up to the limit.
        req_body: Option<Bytes> => / "http.request.body.content",
        /// The response's body, decoded, up to the limit.
        resp_body: Option<Bytes> => / "http.response.body.content",
        /// How the response's body was encoded, or else the request's.
        content_encoding: Option<Vec<String>>,
        /// How the response was transferred, or else the request.
        transfer_encoding: Option<Vec<String>>,
        /// The bodies that there are were seen in full, and could be decoded; unknown if only the end of the connection
        /// ends one.
        body_complete: Option<bool>,
    }
}

objects! {
    /// A header.
    HeaderField {
        /// Its name, as it was sent.
        name: String,
        /// Its value; left out if it is a secret.
        value: Option<String>,
    }
}

/// A request, or what answers it, or both.
#[derive(Debug, Default)]
pub(in crate::dissect) struct Exchange {
    pub(in crate::dissect) depth: u64,
    pub(in crate::dissect) stream: Option<u32>,
    pub(in crate::dissect) request: Option<Message>,
    pub(in crate::dissect) response: Option<Message>,
    /// The last interim response.
    pub(in crate::dissect) info: Option<(u16, String)>,
}

impl Http {
    /// The record of an exchange.
    pub(in crate::dissect) fn of(exchange: Exchange, secrets: bool) -> Self {
        let Exchange { depth, stream, mut request, mut response, info } = exchange;
        let (info_code, info_msg) = info.unzip();
        let mut http = Self { trans_depth: depth, stream_id: stream, info_code, info_msg, ..Self::default() };
        let whole = |message: &Option<Message>| message.as_ref().map_or(Some(true), |message| message.complete);
        http.body_complete = match (whole(&request), whole(&response)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (asked, answered) => asked.and(answered),
        };
        if let Some(request) = &mut request {
            http.asked(request, secrets);
        }
        if let Some(response) = &mut response {
            http.answered(response, secrets);
        }
        let list = |name| {
            let of = |message: &Option<Message>| message.as_ref().map(|message| message.list(name));
            of(&response).filter(|list| !list.is_empty()).or(of(&request)).filter(|list| !list.is_empty())
        };
        http.content_encoding = list("content-encoding");
        http.transfer_encoding = list("transfer-encoding");
        http
    }

    fn asked(&mut self, request: &mut Message, secrets: bool) {
        let header = |name| request.header(name).map(|value| told(value, secrets));
        self.method = Some(request.start.method.clone());
        self.uri = Some(told(&request.start.uri, secrets));
        self.version = request.start.version.clone();
        self.host = header("host").or(header(":authority"));
        self.referrer = header("referer");
        self.user_agent = header("user-agent");
        self.origin = header("origin");
        if let Some((user, password)) = request.header("authorization").and_then(super::credentials::basic) {
            self.username = Some(user);
            self.password = password.filter(|_| secrets);
        }
        let proxied =
            request.headers.iter().filter(|header| PROXY.contains(&header.name.to_ascii_lowercase().as_str()));
        let proxied: Vec<_> = proxied
            .map(|header| format!("{} -> {}", header.name.to_ascii_uppercase(), told(&header.value, secrets)))
            .collect();
        self.proxied = Some(proxied).filter(|proxied| !proxied.is_empty());
        self.orig_mime_types = mime_types(request);
        self.request_body_len = Some(request.body.length());
        self.req_body = request.body.kept().map(Bytes);
        self.request_headers = Some(fields(&request.headers, secrets));
        self.request_trailers = Some(fields(&request.trailers, secrets)).filter(|trailers| !trailers.is_empty());
    }

    fn answered(&mut self, response: &mut Message, secrets: bool) {
        self.version = self.version.take().or(response.start.version.clone());
        self.response_version = response.start.version.clone();
        self.status_code = response.start.status;
        self.status_msg = response.start.reason.clone();
        self.resp_mime_types = mime_types(response);
        self.response_body_len = Some(response.body.length());
        self.resp_body = response.body.kept().map(Bytes);
        self.response_headers = Some(fields(&response.headers, secrets));
        self.response_trailers = Some(fields(&response.trailers, secrets)).filter(|trailers| !trailers.is_empty());
    }
}

/// The media type, without parameters.
fn mime_types(message: &Message) -> Option<Vec<String>> {
    let kind = message.header("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
    (!kind.is_empty()).then(|| vec![kind])
}

/// A text, without the password of a URL in it (`//user:password@host`, RFC 3986, 3.2.1) unless secrets are told.
fn told(text: &str, secrets: bool) -> String {
    let without = || {
        let (before, behind) = text.split_once("//")?;
        let end = behind.find(['/', '?', '#', '"', ' ', '<', '>']).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at_checked(end)?;
        let (user, host) = authority.rsplit_once('@')?;
        let (user, _) = user.split_once(':')?;
        Some(format!("{before}//{user}@{host}{rest}"))
    };
    if secrets { None } else { without() }.unwrap_or_else(|| text.to_owned())
}

/// True if a line seems to hold what lets one in.
pub(super) fn holds_secret(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    SECRET.iter().any(|name| line.contains(name)) || mentions(line.as_bytes(), &SCHEMES)
}

fn fields(headers: &[Header], secrets: bool) -> Vec<HeaderField> {
    let is_secret = |name: &str| SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret));
    let field = |header: &Header| HeaderField {
        name: header.name.clone(),
        value: Some(told(&header.value, secrets)).filter(|_| secrets || !is_secret(&header.name)),
    };
    headers.iter().map(field).collect()
}

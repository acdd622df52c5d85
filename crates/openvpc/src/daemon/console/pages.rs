//! The page's files, built from `console/` and embedded.

/// What every answer carries. The page loads nothing from elsewhere and nobody may frame it.
pub const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// A file by its path: its type and its bytes.
pub fn find(path: &str) -> Option<(&'static str, &'static [u8])> {
    match path {
        "/" => Some((
            "text/html; charset=utf-8",
            include_bytes!("../../../../../console/dist/index.html"),
        )),
        "/console.js" => Some((
            "text/javascript; charset=utf-8",
            include_bytes!("../../../../../console/dist/console.js"),
        )),
        "/console.css" => Some((
            "text/css; charset=utf-8",
            include_bytes!("../../../../../console/dist/console.css"),
        )),
        "/favicon.ico" => Some(("image/x-icon", b"")),
        _ => None,
    }
}

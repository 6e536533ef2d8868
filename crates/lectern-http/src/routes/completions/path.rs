//! Which path below `/api/v1` a request means, however it is spelled.

use crate::validate::request::percent_decoded;

/// What all paths here are below of.
const BASE: [&str; 2] = ["api", "v1"];

/// The path below `/api/v1` and whether a slash is at its end: escapes are decoded (once), empty and `.` segments dropped, `..` resolved.
/// `None` where it leads above the root or elsewhere, or holds what no path of a list can hold.
pub(super) fn normalised(raw: &str) -> Option<(String, bool)> {
    let decoded = String::from_utf8(percent_decoded(raw.as_bytes(), false)).ok()?;
    if decoded.chars().any(|c| c.is_control() || c == '\\') {
        return None;
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            segment => segments.push(segment),
        }
    }
    let below = segments.strip_prefix(BASE.as_slice())?;
    let ends_with_slash = decoded.ends_with('/') && !below.is_empty();
    Some((below.join("/"), ends_with_slash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expect: Option<&str>) {
        assert_eq!(normalised(raw).map(|(path, slash)| if slash { path + "/" } else { path }).as_deref(), expect, "{raw}");
    }

    #[test]
    fn spellings_of_one_path_are_one_path() {
        for raw in
            ["completions", "/completions", "./completions", "a/../completions", "%63ompletions", "%2e/completions", "x/%2E%2e/completions"]
        {
            check(&format!("/api/v1/{raw}"), Some("completions"));
        }
        check("/%61pi/v1//audio%2Fspeech", Some("audio/speech"));
        check("/api/v1/../v1/completions", Some("completions"));
        check("/api/v1/completions/", Some("completions/"));
        check("/api/v1/completions//", Some("completions/"));
        check("/api/v1/", Some(""));
        check("/api/v1", Some(""));
    }

    #[test]
    fn what_leads_elsewhere_is_no_path() {
        for raw in [
            "/api/v1/../v2/user/me",
            "/api/v1/..%2fv2/user/me",
            "/api/v1/../../..",
            "/api/v1/%2e%2e/%2e%2e/%2e%2e/etc",
            "/api/v1/a%00b",
            "/api/v1/a%0ab",
            "/api/v1/..\\completions",
            "/api/v1/%ff",
            "/api/v10/completions",
            "/",
        ] {
            check(raw, None);
        }
    }

    #[test]
    fn what_is_decoded_twice_is_not() {
        check("/api/v1/%252e%252e/completions", Some("%2e%2e/completions"));
        check("/api/v1/%2563ompletions", Some("%63ompletions"));
        check("/api/v1/completions%3Fa=b", Some("completions?a=b"));
        check("/api/v1/%zz", Some("%zz"));
    }
}

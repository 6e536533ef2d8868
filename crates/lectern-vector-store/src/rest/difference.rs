//! Where two descriptions of an index differ.

use serde_json::Value;

/// The first difference of `found` from what is `expected`, in words; what is found besides does not matter, since the store adds its
/// defaults. Settings come back as texts, whatever they were given as.
pub(crate) fn difference(expected: &Value, found: &Value) -> Option<String> {
    at(expected, Some(found), String::new())
}

fn at(expected: &Value, found: Option<&Value>, path: String) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Some(Value::Object(found))) => expected.iter().find_map(|(name, value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            at(value, found.get(name), path)
        }),
        (Value::Array(expected), Some(Value::Array(found))) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().find_map(|(n, (expected, found))| at(expected, Some(found), format!("{path}.{n}")))
        }
        (expected, Some(found)) if plain(expected).is_some() && plain(expected) == plain(found) => None,
        (expected, Some(found)) => Some(format!("{path} is {found} instead of {expected}")),
        (expected, None) => Some(format!("{path} is missing, which should be {expected}")),
    }
}

/// A value without parts, as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Object(_) | Value::Array(_) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let check = |expected: Value, found: Value, expect: Option<&str>| {
            assert_eq!(difference(&expected, &found).as_deref(), expect);
        };
        check(json!({"a": {"b": 1, "c": true}}), json!({"a": {"b": "1", "c": "true", "d": 2}, "e": 3}), None);
        check(json!({"a": ["x", "y"]}), json!({"a": ["x", "y"]}), None);
        check(json!({"a": {"b": "x"}}), json!({"a": {"b": "y"}}), Some(r#"a.b is "y" instead of "x""#));
        check(json!({"a": {"b": "x"}}), json!({"a": {}}), Some(r#"a.b is missing, which should be "x""#));
        check(json!({"a": ["x"]}), json!({"a": ["x", "y"]}), Some(r#"a is ["x","y"] instead of ["x"]"#));
        check(json!({"a": {"b": 1}}), json!({"a": 1}), Some(r#"a is 1 instead of {"b":1}"#));
    }
}

//! The table of complaints, row by row.

use super::{
    FieldType, Place,
    errors::Mistakes,
    json::{Json, parse},
    value::Count,
};
use lectern_domain::{chat::ChatType, email::EmailAddress, ids::ChatId, password::Password, stream::Temperature};
use serde_json::{Value, json};

fn read<T: FieldType>(input: &str) -> (Option<T>, Mistakes) {
    let value = parse(input.as_bytes()).expect("the test's input is JSON");
    let mut mistakes = Mistakes::default();
    let read = T::read(&value, &mut Place::new("body", "field", &mut mistakes));
    (read, mistakes)
}

#[track_caller]
fn good<T: FieldType + PartialEq + std::fmt::Debug>(input: &str, expect: T) {
    let (read, mistakes) = read::<T>(input);
    assert_eq!(read, Some(expect), "{input}");
    assert!(mistakes.is_empty(), "{input}");
}

/// `expect` without `loc` and `input`, which are the same for all but lists.
#[track_caller]
fn bad<T: FieldType>(input: &str, kind: &str, message: &str, context: Option<Value>) {
    let (read, mistakes) = read::<T>(input);
    assert!(read.is_none(), "{input}");
    let echo = parse(input.as_bytes()).expect("JSON");
    let mut expect = json!({"type": kind, "loc": ["body", "field"], "msg": message, "input": echo});
    if let Some(context) = context {
        expect["ctx"] = context;
    }
    // As text: the order of the keys counts.
    let text = serde_json::to_string(&mistakes).expect("serialises");
    assert_eq!(text, serde_json::to_string(&[expect]).expect("serialises"), "{input}");
}

#[test]
fn strings() {
    good("\"é\"", "é".to_owned());
    for input in ["1", "true", "null", "[]", "{}", "1.5"] {
        bad::<String>(input, "string_type", "Input should be a valid string", None);
    }
    bad::<String>("\"a\\u0000\"", "value_error", "Value error, NUL characters are not supported", Some(json!({"error": {}})));
    bad::<String>("\"\\ud800\"", "string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string", None);
}

#[test]
fn whole_numbers() {
    for (input, expect) in [
        ("3", 3),
        ("\"3\"", 3),
        ("3.0", 3),
        ("true", 1),
        ("false", 0),
        ("\" -7 \"", -7),
        ("\"+1_000\"", 1000),
        ("\"3.00\"", 3),
        ("1e2", 100),
    ] {
        good::<i32>(input, expect);
    }
    for input in ["null", "[]", "{}"] {
        bad::<i32>(input, "int_type", "Input should be a valid integer", None);
    }
    for input in ["\"\"", "\"x\"", "\"1.5\"", "\"1__0\"", "\"_1\"", "\"--1\"", "\"0x1\"", "\".0\"", "\"٣\""] {
        bad::<i32>(input, "int_parsing", "Input should be a valid integer, unable to parse string as an integer", None);
    }
    bad::<i32>("3.5", "int_from_float", "Input should be a valid integer, got a number with a fractional part", None);
    bad::<i32>("NaN", "finite_number", "Input should be a finite number", None);
    bad::<i32>("-Infinity", "finite_number", "Input should be a finite number", None);
    for input in ["2147483648", "99999999999999999999999", "\"99999999999999999999999\"", "1e300"] {
        let message = "Input should be less than or equal to 2147483647";
        bad::<i32>(input, "less_than_equal", message, Some(json!({"le": 2147483647})));
    }
    let message = "Input should be greater than or equal to -2147483648";
    bad::<ChatId>("-2147483649", "greater_than_equal", message, Some(json!({"ge": -2147483648i64})));
    good("0", Count(0));
    bad::<Count>("-1", "greater_than_equal", "Input should be greater than or equal to 0", Some(json!({"ge": 0})));
}

#[test]
fn fractions() {
    for (input, expect) in [("1", 1.0), ("\"1.5\"", 1.5), ("true", 1.0), ("0.25", 0.25), ("\" 1e-3 \"", 0.001)] {
        good::<f64>(input, expect);
    }
    bad::<f64>("null", "float_type", "Input should be a valid number", None);
    bad::<f64>("\"x\"", "float_parsing", "Input should be a valid number, unable to parse string as a number", None);
    for input in ["NaN", "Infinity", "\"nan\"", "\"inf\"", "1e999"] {
        bad::<f64>(input, "finite_number", "Input should be a finite number", None);
    }
    bad::<Temperature>("-1", "greater_than_equal", "Input should be greater than or equal to 0", Some(json!({"ge": 0.0})));
    bad::<Temperature>("2.5", "less_than_equal", "Input should be less than or equal to 2", Some(json!({"le": 2.0})));
}

#[test]
fn booleans() {
    for input in ["true", "1", "1.0", "\"YES\"", "\"on\"", "\"t\"", "\"y\"", "\"True\"", "\"1\""] {
        good::<bool>(input, true);
    }
    for input in ["false", "0", "\"no\"", "\"OFF\"", "\"f\"", "\"n\"", "\"0\""] {
        good::<bool>(input, false);
    }
    for input in ["2", "0.5", "\"maybe\"", "\"\"", "99999999999999999999"] {
        bad::<bool>(input, "bool_parsing", "Input should be a valid boolean, unable to interpret input", None);
    }
    for input in ["null", "[]", "{}"] {
        bad::<bool>(input, "bool_type", "Input should be a valid boolean", None);
    }
}

#[test]
fn lists() {
    good("[\"a\",\"b\"]", vec!["a".to_owned(), "b".to_owned()]);
    good::<Option<Vec<String>>>("null", None);
    for input in ["\"a\"", "{}", "1"] {
        bad::<Vec<String>>(input, "list_type", "Input should be a valid list", None);
    }
    let (_, mistakes) = read::<Vec<String>>("[1,\"a\",null]");
    let places: Value = serde_json::to_value(&mistakes).expect("serialises");
    assert_eq!(places[0]["loc"], json!(["body", "field", 0]));
    assert_eq!(places[1]["loc"], json!(["body", "field", 2]));
}

#[test]
fn lists_are_bounded() {
    let list = |items: usize| format!("[{}\"a\"]", "\"a\",".repeat(items - 1));
    good(&list(1_000), vec!["a".to_owned(); 1_000]);
    let (read, mistakes) = read::<Vec<String>>(&list(1_001));
    assert!(read.is_none());
    let mistakes: Value = serde_json::to_value(&mistakes).expect("serialises");
    assert_eq!(
        mistakes,
        json!([{
            "type": "too_long", "loc": ["body", "field"], "msg": "List should have at most 1000 items after validation, not 1001", "input": null,
            "ctx": { "field_type": "List", "max_length": 1000, "actual_length": 1001 }
        }])
    );
}

#[test]
fn an_answer_lists_a_hundred_mistakes_at_most() {
    let (_, mistakes) = read::<Vec<String>>(&format!("[{}1]", "1,".repeat(500)));
    assert_eq!(serde_json::to_value(&mistakes).expect("serialises").as_array().map(Vec::len), Some(100));
}

#[test]
fn choices() {
    good("\"meeting\"", ChatType::Meeting);
    for input in ["\"Meeting\"", "1", "null", "[]"] {
        let message = "Input should be 'evaluations' or 'meeting'";
        bad::<ChatType>(input, "enum", message, Some(json!({"expected": "'evaluations' or 'meeting'"})));
    }
}

#[test]
fn addresses_and_passwords() {
    good("\" Jean <Jean@X.fr> \"", EmailAddress::try_from("Jean@x.fr").expect("valid"));
    let reason = "The part after the @-sign is not valid. It should have a period.";
    let message = format!("value is not a valid email address: {reason}");
    bad::<EmailAddress>("\"a@b\"", "value_error", &message, Some(json!({"reason": reason})));
    bad::<EmailAddress>("7", "string_type", "Input should be a valid string", None);
    let pattern = r"^[A-Za-z\d$!%*+\-?&#_=.,:;@]{8,128}$";
    let message = format!("String should match pattern '{pattern}'");
    bad::<Password>("\"short\"", "string_pattern_mismatch", &message, Some(json!({"pattern": pattern})));
}

#[test]
fn what_cannot_be_written_as_json_is_echoed_as_null() {
    assert_eq!(serde_json::to_string(&Json::Float(f64::NAN)).expect("serialises"), "null");
}

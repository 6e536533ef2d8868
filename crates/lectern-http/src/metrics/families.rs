//! Writing families of numbers: a name, what it is, and a value for each set of labels.

use lectern_domain::meter::{BOUNDS_S, Timings};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text},
    metrics::MetricType,
    registry::{Registry, Unit},
};
use std::fmt;

/// Writes families, one after the other.
pub(super) struct Families<'a>(DescriptorEncoder<'a>);

/// A family under way.
pub(super) struct Family<'a>(MetricEncoder<'a>);

impl Families<'_> {
    /// Something that only goes up.
    pub(super) fn counter(&mut self, name: &'static str, help: &str) -> Result<Family<'_>, fmt::Error> {
        self.0.encode_descriptor(name, help, None, MetricType::Counter).map(Family)
    }

    /// Something that goes up and down.
    pub(super) fn gauge(&mut self, name: &'static str, help: &str) -> Result<Family<'_>, fmt::Error> {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge).map(Family)
    }

    /// Times in groups. `_seconds` is added to the name.
    pub(super) fn histogram(&mut self, name: &'static str, help: &str) -> Result<Family<'_>, fmt::Error> {
        self.0.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram).map(Family)
    }
}

impl Family<'_> {
    /// Writes one of the family; one without labels is written without braces.
    fn one(&mut self, labels: &[(&str, &str)], write: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result) -> fmt::Result {
        if labels.is_empty() { write(&mut self.0) } else { write(&mut self.0.encode_family(&labels)?) }
    }

    /// What a counter has reached.
    pub(super) fn value(&mut self, labels: &[(&str, &str)], value: u64) -> fmt::Result {
        self.one(labels, |encoder| encoder.encode_counter::<NoLabelSet, _, u64>(&value, None))
    }

    /// Where a gauge stands.
    pub(super) fn level(&mut self, labels: &[(&str, &str)], value: f64) -> fmt::Result {
        self.one(labels, |encoder| encoder.encode_gauge(&value))
    }

    /// What a histogram has counted.
    pub(super) fn timings(&mut self, labels: &[(&str, &str)], timings: &Timings) -> fmt::Result {
        let counted = timings.counted();
        let bounds = BOUNDS_S.into_iter().chain([f64::INFINITY]);
        let groups: Vec<(f64, u64)> = bounds.zip(counted.groups).collect();
        self.one(labels, |encoder| encoder.encode_histogram::<NoLabelSet>(counted.sum_s, counted.count, &groups, None))
    }

    /// The same, where there was something to count.
    pub(super) fn timings_if_any(&mut self, labels: &[(&str, &str)], timings: &Timings) -> fmt::Result {
        if timings.counted().count == 0 { Ok(()) } else { self.timings(labels, timings) }
    }
}

/// The page that `write` writes, every name with `lectern_` in front.
pub(super) fn page(write: impl Fn(&mut Families<'_>) -> fmt::Result + Send + Sync + 'static) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("lectern");
    registry.register_collector(Box::new(Written(write)));
    let mut page = String::new();
    text::encode(&mut page, &registry)?;
    Ok(page)
}

struct Written<F>(F);

impl<F> fmt::Debug for Written<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written")
    }
}

impl<F: Fn(&mut Families<'_>) -> fmt::Result + Send + Sync + 'static> Collector for Written<F> {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        (self.0)(&mut Families(encoder))
    }
}

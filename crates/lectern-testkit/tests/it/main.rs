//! Tests of the testkit, and of the workspace as a whole.

mod layers;

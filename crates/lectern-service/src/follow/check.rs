//! Whether the indexes are what this program expects.

use super::Followers;
use crate::ServiceError;
use lectern_persistence::repo::collections;
use lectern_vector_store::StoreError;

impl Followers {
    /// Looks at both indexes, before anything is served. One that can't be reached is none of the mistakes that this is for: it is looked
    /// at again when it is followed for.
    ///
    /// # Errors
    /// [`ServiceError::Store`] where a store is another product or version, refuses the credentials, holds an index with another mapping, or
    /// can't index vectors as long as the model's.
    pub async fn check_stores(&self) -> Result<(), ServiceError> {
        let most = self.vectors.most_dimensions();
        if let Some(spec) = self.embedder.as_ref().map(|embedder| embedder.spec()).filter(|spec| spec.dimensions > most) {
            return Err(too_long(&spec.name, spec.dimensions, self.vectors_seat.kind, most).into());
        }
        let generations = self.bridge.read(collections::generations).await?;
        for (seat, checked) in
            [(&self.lexical_seat, self.lexical.check(&generations).await), (&self.vectors_seat, self.vectors.check(&generations).await)]
        {
            match checked {
                Ok(()) => {}
                Err(error) if error.may_pass() => {
                    tracing::warn!(
                        index = seat.engine.as_str(),
                        error = &error as &dyn std::error::Error,
                        "an index can't be reached; it catches up when it is back"
                    );
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn too_long(model: &str, dimensions: u32, kind: &str, most: u32) -> StoreError {
    StoreError::Mismatch(format!("the vectors of {model} have {dimensions} components, and {kind} indexes at most {most}"))
}

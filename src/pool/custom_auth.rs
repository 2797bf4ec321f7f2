//! The crate's own triggers, driven by the crate's own pool.

use async_trait::async_trait;

use super::{TriggerError, Triggers};
use crate::engine::CustomAuth;

#[async_trait]
impl Triggers for CustomAuth {
    async fn invoke(&self, event: &[u8]) -> Result<Vec<u8>, TriggerError> {
        // The message repeats nothing of the event.
        self.handle(event).await.map_err(|error| TriggerError::Failed(error.to_string()))
    }
}

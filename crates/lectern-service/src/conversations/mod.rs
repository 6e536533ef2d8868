//! Chats and streams: questions, and their answers.

mod archive_chat;
mod create_chat;
mod create_stream;
mod delete_chat;
mod get_chat;
mod get_stream;
mod list_chats;
mod list_streams;
mod name_chat;
pub(crate) mod permitted;
mod shown;
mod update_chat;

pub use archive_chat::archive_chat;
pub use create_chat::create_chat;
pub use create_stream::create_stream;
pub use delete_chat::delete_chat;
pub use get_chat::get_chat;
pub use get_stream::get_stream;
pub use list_chats::list_chats;
pub use list_streams::list_streams;
pub use name_chat::NameChat;
pub use shown::ShownStream;
pub use update_chat::update_chat;

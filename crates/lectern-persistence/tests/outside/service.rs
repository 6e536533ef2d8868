//! Another service: migrates a database, writes a chat and reads it back.

use lectern_domain::chat::{ChatType, NewChat};
use lectern_domain::ids::ChatId;
use lectern_domain::user::NewUser;
use lectern_persistence::repo::{chats, users};
use lectern_persistence::{Database, DatabaseOptions, DatabaseUrl, DbError, migrate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url: DatabaseUrl = std::env::args().nth(1).ok_or("usage: outside DATABASE_URL")?.parse()?;
    let database = Database::open(&url, &DatabaseOptions::default())?;
    migrate::upgrade(&database)?;
    let id: ChatId = database.write(|tx| {
        let user = users::insert(tx.conn(), &ada())?;
        let chat = NewChat { chat_type: ChatType::Meeting, operators: None, themes: Some(vec!["moving".to_owned()]) };
        Ok::<_, DbError>(chats::insert(tx.conn(), user.id, &chat)?.id)
    })?;
    let chat = database.read(|conn| chats::find(conn, id))?.ok_or("the chat is gone")?;
    println!("{} {:?} {}", chat.id, chat.themes, chat.stream_count);
    Ok(())
}

fn ada() -> NewUser {
    NewUser {
        username: "ada".to_owned(),
        email: "ada@example.org".to_owned(),
        hashed_password: "none".to_owned(),
        is_confirmed: Some(true),
        is_admin: false,
        accept_cookie: false,
        accept_retrain: false,
        organization_id: None,
        organization_name: None,
    }
}

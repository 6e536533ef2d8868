//! Opening the application that the settings describe.

use crate::{convert, stores};
use anyhow::Context as _;
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_service::{
    accounts::{
        self, Auth, SecretKey,
        first_admin::{FirstAdmin, FirstAdminOutcome},
        lists,
    },
    answer::RunOptions,
    app::{App, AppOptions, open_database},
    jobs::JobOptions,
    schema::{self, NewRole, Prepared, Schema},
};
use lectern_settings::{DatabaseUrl, Settings};
use std::{fs, path::Path, sync::Arc, time::Duration};

/// Opens the database, brings its schema up to date where the settings say so, and opens everything else.
///
/// # Errors
/// What is wrong and what to do about it, on one line.
pub async fn open(settings: &Settings) -> anyhow::Result<Arc<App>> {
    open_app(settings, false).await
}

/// The same; `reached_from_elsewhere` says whether a server will listen beyond this machine.
///
/// # Errors
/// What is wrong and what to do about it, on one line.
pub async fn open_app(settings: &Settings, reached_from_elsewhere: bool) -> anyhow::Result<Arc<App>> {
    for name in settings.not_used() {
        tracing::debug!(name, "this variable of the reference has no setting here");
    }
    let folder = data_folder(settings)?;
    let spec = convert::database(settings);
    let shared = !settings.database.url.is_sqlite();
    let database = open_database(&spec)?;
    let given = settings.auth.secret_key.as_ref().map(|key| key.expose().as_str());
    let key = SecretKey::choose(given, folder, shared, reached_from_elsewhere)?;
    let organizations = lists::organizations(settings.data.organizations.as_deref())?;
    let options = AppOptions {
        data_dir: folder.to_owned(),
        auth: Auth::new(&convert::auth(settings), &key, organizations),
        endpoints: settings.llm.endpoints.iter().map(convert::endpoint).collect(),
        http: convert::model_http(settings),
        default_model: settings.llm.default_model.clone(),
        embeddings: convert::embeddings(settings)?,
        stores: stores::stores(settings)?,
        follow: convert::follow(settings),
        jobs: JobOptions::default(),
        mail: convert::mail(settings),
        institutions: lists::institutions(settings.data.institutions.as_deref())?,
        default_collection: convert::default_collection(settings)?,
        search_limit: settings.search.limit as usize,
        load_limits: convert::load_limits(settings)?,
        allowances: convert::allowances(settings),
        texts: convert::texts(settings),
        runs: RunOptions::leased(Duration::from_secs(settings.http.stream_lease_s)),
    };
    Ok(App::open(database, options).await?)
}

/// Makes the data folder where it is not there.
fn data_folder(settings: &Settings) -> anyhow::Result<&Path> {
    let folder = &settings.data_dir;
    fs::create_dir_all(folder).with_context(|| {
        format!("the data folder {} cannot be made: choose one that can be written with --data-dir or LECTERN_DATA_DIR", folder.display())
    })?;
    Ok(folder)
}

/// The database's schema, for who looks after it: nothing is upgraded.
///
/// # Errors
/// What is wrong and what to do about it, on one line.
pub fn schema(settings: &Settings, folder: Option<&Path>, patience: Duration) -> anyhow::Result<Schema> {
    data_folder(settings)?;
    Ok(Schema::open(&convert::database(settings), folder, patience)?)
}

/// Prepares the server for the databases of the settings.
///
/// # Errors
/// What is wrong and what to do about it, on one line.
pub fn init(settings: &Settings, role: Option<NewRole>) -> anyhow::Result<Vec<Prepared>> {
    data_folder(settings)?;
    Ok(schema::init(&convert::databases(settings), role.as_ref())?)
}

/// The schema of another database than that of the settings, or of theirs where none is named.
///
/// # Errors
/// What is wrong and what to do about it, on one line.
pub fn schema_at(settings: &Settings, url: Option<DatabaseUrl>, folder: Option<&Path>, patience: Duration) -> anyhow::Result<Schema> {
    schema(&at(settings, url), folder, patience)
}

/// As [`schema_at`], for who takes the database's rows elsewhere: it must be there, and nothing is made, the data folder neither.
///
/// # Errors
/// What is wrong and what to do about it, on one line.
pub fn source_at(settings: &Settings, url: Option<DatabaseUrl>, folder: Option<&Path>, patience: Duration) -> anyhow::Result<Schema> {
    Ok(Schema::open_source(&convert::database(&at(settings, url)), folder, patience)?)
}

fn at(settings: &Settings, url: Option<DatabaseUrl>) -> Settings {
    let mut settings = settings.clone();
    if let Some(url) = url {
        settings.database.url = url;
    }
    settings
}

/// Makes the first administrator where there is none, and says where the password is.
///
/// # Errors
/// Where the settings name an invalid account, or the database or the file fails.
pub async fn first_admin(app: &App, settings: &Settings) -> anyhow::Result<()> {
    let who = FirstAdmin {
        username: settings.auth.first_admin_username.clone(),
        email: EmailAddress::try_from(settings.auth.first_admin_email.as_str())?,
        password: settings.auth.first_admin_password.as_ref().map(|password| Password::try_from(password.expose().clone())).transpose()?,
    };
    match accounts::first_admin(app, who, &settings.data_dir).await? {
        FirstAdminOutcome::AlreadyThere => {}
        FirstAdminOutcome::Created => tracing::info!("made the first administrator with the password from the settings"),
        FirstAdminOutcome::CreatedWithPasswordIn(file) => {
            tracing::info!(file = %file.display(), "made the first administrator; the password is in this file");
        }
    }
    Ok(())
}

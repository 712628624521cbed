//! What can go wrong with the database, with a hint for the operator.

/// The database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is no database address.
    #[error("`{url}` is no database address: {reason}")]
    Url {
        /// The address, without password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing answers there.
    #[error("the database at {url} cannot be opened: {reason}")]
    Unreachable {
        /// The address, without password.
        url: String,
        /// What the driver said.
        reason: String,
    },
    /// The database is there but cannot be brought to this version's layout.
    #[error("the database at {url} cannot be migrated: {reason}")]
    Migrate {
        /// The address, without password.
        url: String,
        /// What the driver said.
        reason: String,
    },
    /// A statement of ours that the database refuses to prepare.
    #[error("statement {name} is refused: {reason}")]
    Statement {
        /// Its name in `store/sql`.
        name: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// A statement failed.
    #[error("the database failed: {0}")]
    Query(#[from] sqlx::Error),
    /// A row holds what no version of this program writes.
    #[error("the database holds a value that cannot be read: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// What the operator can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Url { .. } => "write sqlite://data/tidings.db or postgres://user@host/name in [database] url",
            Self::Unreachable { url, .. } if url.starts_with("sqlite") => {
                "check that the folder exists or can be made, and that this user may write there"
            }
            Self::Unreachable { .. } => "check that the server runs, and the user, password and database name",
            Self::Migrate { .. } => {
                "a newer version of tidings may have used this database: run that version, or another database"
            }
            Self::Statement { .. } | Self::Corrupt(_) => "this is a defect; please report it with this line",
            Self::Query(_) => "see the database's own log; what was in hand is tried again",
        }
    }

    /// Whether trying the same again later can help.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        !matches!(self, Self::Corrupt(_) | Self::Statement { .. } | Self::Url { .. } | Self::Migrate { .. })
    }
}

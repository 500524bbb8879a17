//! Reading the connection file a front end writes for its kernel.

use std::path::Path;

use jupyter_protocol::ConnectionInfo;

use crate::Error;

/// Reads and checks a connection file.
///
/// # Errors
/// [`Error::ConnectionFile`] when it is missing, truncated, lacks a field, or asks for a signature other than
/// hmac-sha256.
pub fn read(path: &Path) -> Result<ConnectionInfo, Error> {
    let damaged = |reason: String| Error::ConnectionFile { path: path.to_path_buf(), reason };
    let text = std::fs::read_to_string(path).map_err(|e| damaged(e.to_string()))?;
    let info: ConnectionInfo =
        serde_json::from_str(&text).map_err(|e| damaged(format!("it is damaged or truncated ({e})")))?;
    if !info.key.is_empty() && info.signature_scheme != "hmac-sha256" {
        return Err(damaged(format!("signature scheme `{}` is not hmac-sha256", info.signature_scheme)));
    }
    Ok(info)
}

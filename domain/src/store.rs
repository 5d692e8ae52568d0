//! The object store: uploads and result files, in a folder or in an S3-compatible bucket, never in memory whole.

use crate::{
    error::{Error, Result},
    text,
};
use futures_util::TryStreamExt;
use object_store::{
    GetResultPayload, ObjectStore, ObjectStoreExt, buffered::BufWriter, local::LocalFileSystem,
    path::Path, prefix::PrefixStore,
};
use std::{fs::File, io::Read, path::PathBuf, sync::Arc};
use tokio::io::{AsyncRead, AsyncWriteExt};
use tokio_util::io::{StreamReader, SyncIoBridge};
use url::Url;

/// S3's smallest part; two on their way at most bound the memory of an upload.
const PART: usize = 5 * 1024 * 1024;
const PARTS_AT_ONCE: usize = 2;

/// Where files lie. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Temporary files are made here, on disk and without a name, so that a killed process leaves none.
    temporary: PathBuf,
    /// The folder or URL below which the objects lie.
    place: String,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
}

impl Store {
    /// Opens the store at `url` (`s3://bucket/prefix`, with the usual `AWS_` variables, or `file:///folder`); none: the folder
    /// `objects` of `data_dir`.
    ///
    /// # Errors
    /// When the folder cannot be made, or the URL is of no known kind.
    pub fn open(url: Option<&str>, data_dir: &std::path::Path) -> Result<Self> {
        Self::open_with(url, data_dir, aws_variables())
    }

    /// As [`open`](Self::open), with `options` such as `("aws_endpoint", "http://…")` in place of the environment's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        url: Option<&str>,
        data_dir: &std::path::Path,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let temporary = data_dir.join("tmp");
        std::fs::create_dir_all(&temporary)?;
        let parsed = url
            .map(Url::parse)
            .transpose()
            .map_err(|error| Error::Broken(format!("the store's URL: {error}")))?;
        let folder = match &parsed {
            None => Some(data_dir.join("objects")),
            Some(url) if url.scheme() == "file" => Some(
                url.to_file_path()
                    .map_err(|()| Error::Broken("the store's URL names no folder".to_owned()))?,
            ),
            Some(_) => None,
        };
        type Opened = (Arc<dyn ObjectStore>, String, Option<PathBuf>);
        let (objects, place, folder): Opened = match (folder, parsed) {
            (Some(folder), _) => {
                std::fs::create_dir_all(&folder)?;
                let folder = folder.canonicalize()?;
                let place = folder.display().to_string();
                let objects = LocalFileSystem::new_with_prefix(&folder)?
                    .with_fsync(true)
                    .with_automatic_cleanup(true);
                (Arc::new(objects), place, Some(folder))
            }
            (None, Some(url)) => {
                let (bucket, prefix) = object_store::parse_url_opts(&url, options)?;
                let place = url.as_str().trim_end_matches('/').to_owned();
                (Arc::new(PrefixStore::new(bucket, prefix)), place, None)
            }
            (None, None) => return Err(Error::Broken("no object store".to_owned())),
        };
        Ok(Self {
            objects,
            temporary,
            place,
            folder,
        })
    }

    /// Where the object at `key` lies, for people: a path, or a URL of the store's own kind.
    pub fn place(&self, key: &str) -> String {
        format!("{}/{key}", self.place)
    }

    /// A writer of the object at `key`; nothing is there until it is shut down.
    pub fn writer(&self, key: &str) -> BufWriter {
        BufWriter::with_capacity(Arc::clone(&self.objects), Path::from(key), PART)
            .with_max_concurrency(PARTS_AT_ONCE)
    }

    /// Writes what a file holds, from its beginning; returns its size in bytes. Of two that write at once one may fail.
    ///
    /// # Errors
    /// When the file cannot be read or the store is away; then nothing is at `key`.
    pub async fn put_file(&self, key: &str, file: File) -> Result<u64> {
        use std::io::Seek;
        let mut file = file;
        file.rewind()?;
        self.clear_staged(key).await?;
        let mut writer = self.writer(key);
        let mut reader = tokio::fs::File::from_std(file);
        match tokio::io::copy(&mut reader, &mut writer).await {
            Ok(size) => {
                writer.shutdown().await?;
                Ok(size)
            }
            Err(error) => {
                writer.abort().await?;
                Err(error.into())
            }
        }
    }

    /// A folder's objects are written beside their place, as `key#1`, and then renamed: a process that was killed in between has left
    /// that, and nobody else would ever look for it.
    async fn clear_staged(&self, key: &str) -> Result<()> {
        let path = self.folder.as_ref().map(|folder| folder.join(key));
        let Some((folder, name)) = path.as_deref().and_then(|p| p.parent().zip(p.file_name()))
        else {
            return Ok(());
        };
        let staged = format!("{}#", name.to_string_lossy());
        let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
            return Ok(());
        };
        while let Some(entry) = entries.next_entry().await? {
            if entry.file_name().to_string_lossy().starts_with(&staged) {
                tokio::fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }

    /// An object as an asynchronous stream, with its size in bytes.
    ///
    /// # Errors
    /// When it is not there or the store is away.
    pub async fn read(&self, key: &str) -> Result<(u64, impl AsyncRead + Send + Unpin + use<>)> {
        let found = self.objects.get(&Path::from(key)).await?;
        let size = found.meta.size;
        Ok((
            size,
            StreamReader::new(Box::pin(found.into_stream().map_err(std::io::Error::from))),
        ))
    }

    /// An object for a blocking thread of this runtime.
    ///
    /// # Errors
    /// When it is not there or the store is away.
    pub async fn read_blocking(&self, key: &str) -> Result<Box<dyn Read + Send>> {
        let found = self.objects.get(&Path::from(key)).await?;
        if let GetResultPayload::File(file, _) = found.payload {
            return Ok(Box::new(file));
        }
        let stream = StreamReader::new(Box::pin(found.into_stream().map_err(std::io::Error::from)));
        Ok(Box::new(SyncIoBridge::new(stream)))
    }

    /// Deletes an object, and what a killed process has left of its writing; one that is not there is no error.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.clear_staged(key).await?;
        match self.objects.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A file on disk without a name: it is gone when it is closed, also when the process is killed.
    ///
    /// # Errors
    /// When the data directory cannot be written.
    pub fn temporary(&self) -> Result<File> {
        Ok(tempfile::tempfile_in(&self.temporary)?)
    }

    /// The folder of temporary files.
    pub fn temporary_dir(&self) -> &std::path::Path {
        &self.temporary
    }
}

/// A name that nobody guesses and that comes once.
pub(crate) fn random_name() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Broken(format!("no random numbers: {error}")))?;
    Ok(text::hex(&bytes))
}

/// The environment's `AWS_` variables, as options.
fn aws_variables() -> impl Iterator<Item = (String, String)> {
    // `vars` panics where any variable at all is not Unicode.
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let option = name
            .starts_with("AWS_")
            .then(|| name.to_ascii_lowercase())?;
        Some((option, value.into_string().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_killed_process_left_of_an_object_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(None, folder.path()).unwrap();
        let objects = folder.path().join("objects/a");
        std::fs::create_dir_all(&objects).unwrap();
        for name in ["result.csv#1", "result.csv#2", "other.csv#1"] {
            std::fs::write(objects.join(name), "half").unwrap();
        }
        let file = store.temporary().unwrap();
        store.put_file("a/result.csv", file).await.unwrap();
        let mut left: Vec<_> = std::fs::read_dir(objects)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["other.csv#1", "result.csv"]);
    }
}

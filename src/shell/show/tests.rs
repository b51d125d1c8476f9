//! Pictures of a made-up cloud, kept as files.

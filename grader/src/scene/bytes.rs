//! Bytes in sentences, and byte strings compared.

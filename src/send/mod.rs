//! Telling the sites that were linked: the difference between links wanted and links sent.

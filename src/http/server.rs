//! Listening: a router behind limits on the size and time of what is asked, until it is told to stop.

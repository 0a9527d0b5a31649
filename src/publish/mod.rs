//! Putting the site online: what differs from what is there, shown, confirmed, and applied in a safe order.

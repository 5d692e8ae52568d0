//! What is hidden from whoever may not see phone numbers, e-mail addresses and addresses on channels.

use super::patch::{NAMELESS, has_own_name};
use crate::viewer::Viewer;
use entity::{contact, contact_channel};

/// Stands where an address cannot be left out.
pub const HIDDEN: &str = "hidden";

/// The contact as the viewer may see it. To be called on the way out alone: what is hidden must not be written back.
pub fn masked(viewer: &Viewer, mut contact: contact::Model) -> contact::Model {
    if viewer.is_masked() {
        if !has_own_name(&contact) {
            NAMELESS.clone_into(&mut contact.display_name);
        }
        (contact.email, contact.email_key, contact.phone) = (None, None, None);
    }
    contact
}

/// The address as the viewer may see it; on the way out alone.
pub fn masked_address(viewer: &Viewer, mut row: contact_channel::Model) -> contact_channel::Model {
    if viewer.is_masked() {
        HIDDEN.clone_into(&mut row.address);
    }
    row
}

//! Disk offerings: how big disks may be.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::disk_offerings as offerings;
use crate::model::{DiskOffering, Time, Uid, Zone};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// A disk offering.
    DiskOfferingView in "DiskOfferingResponse" shows ["name", "disksize", "iscustomized", "id"] {
        /// the id of the disk offering
        id: Uid,
        /// the name of the disk offering
        name: String,
        /// what the disk offering is
        displaytext: String,
        /// the size of its disks, in GB; 0 where each says its own
        disksize: i64,
        /// whether each disk says its size itself
        iscustomized: bool,
        /// `shared` or `local`
        storagetype: String,
        /// the tags of the stores that its disks need
        tags: Option<String>,
        /// whether it is shown
        displayoffering: bool,
        /// `Active`
        state: &'static str,
        /// when it was made
        created: Time,
    }
}

api! {
    /// Creates a disk offering. Disks are not kept, so it says no more than which sizes there are.
    now object "createDiskOffering" { key: "diskoffering", event: "DISK.OFFERING.CREATE",
        example: "create disk offering name=huge disksize=1000" } => create -> DiskOfferingView;
    CreateDiskOffering {
        /// the name of the disk offering
        name: Text,
        /// what the disk offering is; its name, where nothing is said
        displaytext: Option<Text<4096>>,
        /// the size of its disks, in GB
        disksize: Option<i64>,
        /// whether each disk says its size itself
        customized: Option<bool>,
        /// `shared` or `local`
        storagetype: Option<Text>,
        /// the tags of the stores that its disks need
        tags: Option<Text<4096>>,
        /// whether it is shown; yes, where nothing is said
        displayoffering: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateDiskOffering) -> Result<DiskOfferingView, Fault> {
    let new = DiskOffering {
        id: 0,
        name: args.name.to_string(),
        display_text: args.displaytext.as_deref().unwrap_or(&args.name).to_owned(),
        size: args.disksize,
        storage_type: args.storagetype.as_deref().unwrap_or("shared").to_lowercase(),
        tags: args.tags.as_deref().map(str::to_owned),
        display: args.displayoffering.unwrap_or(true),
        created: cx.now,
        removed: None,
    };
    let offering = offerings::create(cx, new, args.customized)?;
    Ok(show(cx, offering))
}

api! {
    /// Deletes a disk offering.
    now success "deleteDiskOffering" { event: "DISK.OFFERING.DELETE",
        example: "delete disk offering id=huge" } => delete;
    DeleteDiskOffering {
        /// the id of the disk offering
        id: Id<DiskOffering>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteDiskOffering) -> Result<(), Fault> {
    let offering = cx.find(&args.id)?;
    offerings::delete(cx, offering)
}

api! {
    /// Lists disk offerings. Disks are not kept, so they say no more than which sizes there are.
    now list "listDiskOfferings" { key: "diskoffering", example: "list disk offerings" }
        => list -> DiskOfferingView;
    ListDiskOfferings {
        /// the id of the disk offering
        id: Option<Id<DiskOffering>>,
        /// the name of the disk offering
        name: Option<Text>,
        /// the zone that it is for
        zoneid: Option<Id<Zone>>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListDiskOfferings) -> Result<Rows<DiskOfferingView>, Fault> {
    args.owned.scope(cx, true)?;
    cx.find_opt(args.zoneid.as_ref())?;
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.keyword(&["name", "display_text"]);
    if !cx.caller.is_root() {
        filter.is("display", Some(true));
    }
    let (found, total) = filter.living::<DiskOffering>(cx, "id")?;
    Ok(Rows { rows: found.into_iter().map(|offering| show(cx, offering)).collect(), total })
}

fn show(cx: &Cx<'_>, offering: DiskOffering) -> DiskOfferingView {
    DiskOfferingView {
        id: cx.uid::<DiskOffering>(offering.id),
        name: offering.name,
        displaytext: offering.display_text,
        iscustomized: offering.size.is_none(),
        disksize: offering.size.unwrap_or(0),
        storagetype: offering.storage_type,
        tags: offering.tags,
        displayoffering: offering.display,
        state: "Active",
        created: offering.created,
    }
}

#[cfg(test)]
mod tests {
    use crate::sim::World;

    #[test]
    fn an_offering_lives_from_creation_to_deletion() {
        let world = World::sandbox();
        let before = world.ok("listDiskOfferings", &[])["count"].as_u64();
        let words = [("name", "huge"), ("disksize", "1000")];
        let made = world.ok("createDiskOffering", &words)["diskoffering"].clone();
        assert_eq!(
            (made["disksize"].as_i64(), made["iscustomized"].as_bool()),
            (Some(1000), Some(false))
        );
        assert_eq!(made["displaytext"], "huge");
        assert_eq!(world.ok("listDiskOfferings", &[("name", "huge")])["count"], 1);
        let id = [("id", made["id"].as_str().unwrap())];
        world.ok("deleteDiskOffering", &id);
        assert_eq!(world.unmoved("deleteDiskOffering", &id).0, 431);
        assert_eq!(world.ok("listDiskOfferings", &[])["count"].as_u64(), before);
    }

    #[test]
    fn sizes_that_make_no_sense_are_refused() {
        let world = World::sandbox();
        for (words, part) in [
            (vec![], "disksize"),
            (vec![("disksize", "0")], "disksize: 0"),
            (vec![("disksize", "-3")], "disksize: -3"),
            (vec![("disksize", "5"), ("customized", "true")], "customized"),
            (vec![("disksize", "5"), ("storagetype", "tape")], "storagetype"),
        ] {
            let words = [&[("name", "odd")][..], &words].concat();
            let (code, text) = world.unmoved("createDiskOffering", &words);
            assert!(code == 431 && text.contains(part), "{words:?}: {code} {text}");
        }
        let words = [("name", "any"), ("customized", "true")];
        let made = world.ok("createDiskOffering", &words);
        assert_eq!(made["diskoffering"]["iscustomized"], true);
    }
}

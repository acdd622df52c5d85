//! The form of the generated tables: what an action takes and gives, by name and type only.
//!
//! The tables themselves are in `generated/`, made by `cargo xtask generate-model`. They are
//! constants of the program: nothing is parsed at start.

/// One web service at one API version.
#[derive(Debug)]
pub struct Service {
    /// As in a signature's scope: `ec2`, `sts`.
    pub name: &'static str,
    /// The version that answers are given in.
    pub version: &'static str,
    /// Older published versions, answered as [`Service::version`].
    pub older_versions: &'static [&'static str],
    pub dialect: Dialect,
    /// `xmlns` of an answer.
    pub namespace: &'static str,
    /// Ascending by name.
    pub actions: &'static [Action],
    /// Actions that the service has and this table leaves out, ascending.
    pub other_actions: &'static [&'static str],
}

/// How a service writes lists and wraps answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Flat lists in requests, `<item>` in answers, no result wrapper.
    Ec2,
    /// `.member.N` in requests, `<member>` in answers, a result wrapper and `ResponseMetadata`.
    Query,
}

/// One action of a service.
#[derive(Debug)]
pub struct Action {
    pub name: &'static str,
    pub input: Option<&'static Structure>,
    pub output: Option<&'static Structure>,
    /// The element around the answer's members in the Query dialect.
    pub result_wrapper: Option<&'static str>,
}

/// Named members, ascending by [`Member::name`].
#[derive(Debug)]
pub struct Structure {
    pub members: &'static [Member],
}

/// One member of a structure.
#[derive(Debug)]
pub struct Member {
    /// As SDKs for Python call it, and as values carry it: `VpcIds`.
    pub name: &'static str,
    /// In a form: `VpcId`.
    pub form_name: &'static str,
    /// In XML: `vpcIdSet`.
    pub element: &'static str,
    pub shape: Shape,
    /// Must be in a request.
    pub required: bool,
}

/// The type of a member or of a list's items.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Boolean,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    Long,
    Double,
    String,
    /// Base64 text, carried as it is.
    Blob,
    /// ISO 8601 text.
    Timestamp,
    Structure(&'static Structure),
    List(&'static List),
}

/// A list and how its items are called.
#[derive(Debug)]
pub struct List {
    /// The name between the list and the index in a form; `None` for flat lists.
    pub form_item: Option<&'static str>,
    /// The element of one item, e.g. `item`.
    pub element: &'static str,
    pub shape: Shape,
}

impl Service {
    /// The action of that exact name.
    pub fn action(&self, name: &str) -> Option<&'static Action> {
        let at = self
            .actions
            .binary_search_by(|action| action.name.cmp(name))
            .ok()?;
        Some(&self.actions[at])
    }

    /// Whether AWS's service has that action, in this table or not.
    pub fn knows(&self, name: &str) -> bool {
        self.action(name).is_some() || self.other_actions.binary_search(&name).is_ok()
    }

    /// Whether a request may name that version.
    pub fn has_version(&self, version: &str) -> bool {
        version == self.version || self.older_versions.contains(&version)
    }
}

impl Structure {
    /// The member that values call `name`.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        let at = self
            .members
            .binary_search_by(|member| member.name.cmp(name))
            .ok()?;
        Some(&self.members[at])
    }

    /// The member that a form calls `form_name`, and its place. Linear: 40 members at most
    /// in all but a few shapes.
    pub fn form_member(&self, form_name: &str) -> Option<(usize, &'static Member)> {
        self.members
            .iter()
            .enumerate()
            .find(|(_, member)| member.form_name == form_name)
    }
}

/// Short spellings for the generated rows.
pub(crate) mod row {
    use super::{List, Member, Shape, Structure};

    pub(crate) use super::Shape::{Blob, Boolean, Double, Integer, Long, String, Timestamp};

    pub(crate) const fn shape(members: &'static [Member]) -> Structure {
        Structure { members }
    }
    pub(crate) const fn opt(
        name: &'static str,
        form_name: &'static str,
        element: &'static str,
        shape: Shape,
    ) -> Member {
        Member {
            name,
            form_name,
            element,
            shape,
            required: false,
        }
    }
    pub(crate) const fn req(
        name: &'static str,
        form_name: &'static str,
        element: &'static str,
        shape: Shape,
    ) -> Member {
        Member {
            name,
            form_name,
            element,
            shape,
            required: true,
        }
    }
    pub(crate) const fn list(
        form_item: Option<&'static str>,
        element: &'static str,
        shape: Shape,
    ) -> List {
        List {
            form_item,
            element,
            shape,
        }
    }
    pub(crate) const fn s(structure: &'static Structure) -> Shape {
        Shape::Structure(structure)
    }
    pub(crate) const fn l(list: &'static List) -> Shape {
        Shape::List(list)
    }
}

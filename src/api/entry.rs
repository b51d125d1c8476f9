//! An entry of the table, and [`api!`], which writes one.

use crate::engine::Cx;
use crate::model::RoleKind;
use crate::schema::{Exception, Fault, Field, Refusal, Spec, Words};
use serde_json::Value as Json;

/// An API: its description and what runs it.
pub(crate) struct Api {
    /// The description.
    pub(crate) spec: Spec,
    /// Reads the parameters and does the work, in the transaction of the context.
    pub(crate) run: fn(&mut Cx<'_>, &Words) -> Result<Done, Fault>,
}

/// What a handler did, ready for the answer.
#[derive(Clone, Debug)]
pub(crate) enum Done {
    /// A page of rows, and how many there are on all pages.
    Rows(Vec<Json>, u64),
    /// One object, as JSON text: jobs keep it so.
    Object(String),
    /// It worked.
    Success,
}

/// A page of rows as a handler of a list returns them.
#[derive(Clone, Debug)]
pub(crate) struct Rows<V> {
    /// The rows of the page.
    pub(crate) rows: Vec<V>,
    /// How many there are on all pages.
    pub(crate) total: u64,
}

impl<V: serde::Serialize> Rows<V> {
    /// The rows as JSON.
    pub(crate) fn done(self) -> Result<Done, Fault> {
        let rows = self.rows.iter().map(json).collect::<Result<_, _>>()?;
        Ok(Done::Rows(rows, self.total))
    }
}

/// A view as JSON.
pub(crate) fn json(view: &impl serde::Serialize) -> Result<Json, Fault> {
    serde_json::to_value(view)
        .map_err(|why| Fault::internal("The answer cannot be shown", why.to_string()))
}

/// A view as JSON text.
pub(crate) fn text(view: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(view)
        .map_err(|why| Fault::internal("The answer cannot be shown", why.to_string()))
}

/// The fault for parameters that could not be read.
pub(crate) fn refuse(command: &str, words: &Words, refusal: Refusal) -> Fault {
    let command = command.to_ascii_lowercase();
    match refusal {
        Refusal::Missing { param } => Fault::new(
            Exception::Parameter,
            format!("Unable to execute API command {command} due to missing parameter {param}"),
        ),
        Refusal::Invalid { param, .. } if words.get(param).is_some_and(|v| v.trim().is_empty()) => {
            Fault::invalid(format!("Invalid value provided for API arg: {param} (it is empty)"))
        }
        Refusal::Invalid { param, why } => Fault::new(
            Exception::Parameter,
            format!(
                "Unable to execute API command {command} due to invalid value for parameter \
                 {param}: {why}"
            ),
        ),
    }
}

/// Every role, for the attribute `roles` of an API that everybody may call.
pub(crate) const EVERYBODY: &[RoleKind] = RoleKind::ALL;
/// The roles of admins of any kind.
pub(crate) const ADMINS: &[RoleKind] =
    &[RoleKind::Admin, RoleKind::ResourceAdmin, RoleKind::DomainAdmin];

/// The fields of an answer that only says that it worked.
pub(crate) const SUCCESS_FIELDS: &[Field] = &[
    Field { name: "success", about: "true if it worked", wire: "boolean" },
    Field { name: "displaytext", about: "more about it", wire: "string" },
];

/// Writes an entry: the struct of parameters and the constant `API` that goes into the table.
///
/// The mode is `now`, `job` or `create`; the kind `list` (the handler returns [`Rows`]), `object`
/// or `flat` (it returns a view) or `success` (it returns nothing). In braces stand further
/// attributes of [`Spec`].
macro_rules! api {
    (
        $( #[doc = $about:literal] )+
        $mode:ident $kind:ident $wire:literal { $( $attribute:ident: $value:expr ),* $(,)? }
        => $run:ident $( -> $view:ty )?;
        $args:ident { $( $body:tt )* }
    ) => {
        $crate::schema::params! { $( #[doc = $about] )+ $args { $( $body )* } }

        impl $args {
            /// Its entry in the table.
            pub(crate) const API: $crate::api::Api = $crate::api::Api {
                #[allow(clippy::needless_update, reason = "an entry may say everything itself")]
                spec: $crate::schema::Spec {
                    name: $wire,
                    about: concat!($( $about ),+).trim_ascii(),
                    mode: $crate::api::api!(@mode $mode),
                    kind: $crate::api::api!(@kind $kind),
                    own: <Self as $crate::schema::Params>::OWN,
                    groups: <Self as $crate::schema::Params>::GROUPS,
                    fields: $crate::api::api!(@fields $( $view )?),
                    columns: $crate::api::api!(@columns $( $view )?),
                    class: $crate::api::api!(@class $( $view )?),
                    root_fields: $crate::api::api!(@root $( $view )?),
                    token: $crate::schema::takes_token($wire, $crate::api::api!(@mode $mode)),
                    $( $attribute: $value, )*
                    ..$crate::schema::Spec::BLANK
                },
                run: |cx, words| {
                    let args = <Self as $crate::schema::Params>::take(words)
                        .map_err(|refusal| $crate::api::refuse($wire, words, refusal))?;
                    $crate::api::api!(@done $kind $run(cx, &args)?)
                },
            };
        }
    };
    (@mode now) => { $crate::schema::Mode::Now };
    (@mode job) => { $crate::schema::Mode::Job };
    (@mode create) => { $crate::schema::Mode::Create };
    (@kind list) => { $crate::schema::Kind::List };
    (@kind object) => { $crate::schema::Kind::Object };
    (@kind flat) => { $crate::schema::Kind::Flat };
    (@kind success) => { $crate::schema::Kind::Success };
    (@fields $view:ty) => { <$view as $crate::schema::View>::FIELDS };
    (@fields) => { $crate::api::SUCCESS_FIELDS };
    (@columns $view:ty) => { <$view as $crate::schema::View>::COLUMNS };
    (@columns) => { &[] };
    (@root $view:ty) => { <$view as $crate::schema::View>::ROOT_ONLY };
    (@root) => { &[] };
    (@class $view:ty) => { <$view as $crate::schema::View>::CLASS };
    (@class) => { "SuccessResponse" };
    (@done list $done:expr) => { $done.done() };
    (@done object $done:expr) => { Ok($crate::api::Done::Object($crate::api::text(&$done)?)) };
    (@done flat $done:expr) => { Ok($crate::api::Done::Object($crate::api::text(&$done)?)) };
    (@done success $done:expr) => {{ let () = $done; Ok($crate::api::Done::Success) }};
}
pub(crate) use api;

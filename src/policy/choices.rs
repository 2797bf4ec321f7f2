//! Writing a policy down: one row is one choice.

/// Makes the builder's fields and setters and the policy's getters of the rows, so that the three cannot disagree and the
/// documentation stands once.
macro_rules! choices {
    (
        $(#[$about:meta])* $builder:ident => $policy:ident $(, preset $preset:ty)?;
        $( $(#[doc = $doc:literal])* $(#[serde($with:meta)])? $name:ident: $kind:ty = $default:expr, $by:ident; )+
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
        #[serde(from = "Object<Written>")]
        #[must_use]
        pub struct $builder {
            $( $(#[serde($with)])? pub(super) $name: $kind, )+
        }

        /// As it is written in JSON.
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Written {
            $( preset: Given<$preset>, )?
            $( $(#[serde($with)])? $name: Given<$kind>, )+
        }

        impl From<Object<Written>> for $builder {
            fn from(Object(written): Object<Written>) -> Self {
                let base = choices!(@base written $($preset)?);
                Self { $( $name: written.$name.0.unwrap_or(base.$name), )+ }
            }
        }

        impl Default for $builder {
            fn default() -> Self {
                Self { $( $name: $default, )+ }
            }
        }

        impl $builder {
            $( $(#[doc = $doc])* pub fn $name(mut self, $name: $kind) -> Self { self.$name = $name; self } )+
        }

        impl $policy {
            $( choices!(@getter $by $(#[doc = $doc])* $name: $kind); )+

            /// Begins with every default.
            pub fn builder() -> $builder {
                $builder::default()
            }
        }

        impl $builder {
            /// Checks every choice and the choices against each other.
            ///
            /// # Errors
            /// [`PolicyError`], naming the first field that is off. Nothing is adjusted.
            pub fn build(self) -> Result<$policy, PolicyError> {
                self.check()?;
                Ok($policy(self))
            }
        }

        impl TryFrom<$builder> for $policy {
            type Error = PolicyError;
            fn try_from(builder: $builder) -> Result<Self, Self::Error> {
                builder.build()
            }
        }

        impl From<$policy> for $builder {
            fn from(policy: $policy) -> Self {
                policy.0
            }
        }
    };
    (@base $written:ident $preset:ty) => { $written.preset.0.map_or_else(Self::default, <$preset>::builder) };
    (@base $written:ident) => { Self::default() };
    (@getter copy $(#[doc = $doc:literal])* $name:ident: $kind:ty) => {
        $(#[doc = $doc])* #[must_use] pub const fn $name(&self) -> $kind { self.0.$name }
    };
    (@getter borrow $(#[doc = $doc:literal])* $name:ident: $kind:ty) => {
        $(#[doc = $doc])* #[must_use] pub const fn $name(&self) -> &$kind { &self.0.$name }
    };
}

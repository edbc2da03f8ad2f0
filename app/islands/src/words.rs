//! How sentences are passed from the server to an island.
//!
//! Properties of an island would be passed as JSON, and reading JSON costs every visitor 7 kB of
//! compressed WebAssembly. Our islands need only sentences, so these are passed as the lines of one
//! attribute instead.

/// Sentences that an island finds in the page.
pub(crate) trait Words: Sized {
    /// Reads the text that [`joined`](Self::joined) wrote; `None` when the number of lines is wrong.
    fn split(text: &str) -> Option<Self>;

    /// One line per sentence.
    fn joined(&self) -> String;

    /// From the attribute `data-words` of an element.
    fn of(holder: &web_sys::Element) -> Option<Self> {
        Self::split(&holder.get_attribute("data-words")?)
    }
}

/// Declares a struct whose fields are all sentences.
macro_rules! sentences {
    (
        $(#[$of_struct:meta])*
        pub struct $name:ident { $($(#[$of_field:meta])* $field:ident,)+ }
    ) => {
        $(#[$of_struct])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$of_field])* pub $field: String,)+
        }

        impl $crate::words::Words for $name {
            fn split(text: &str) -> Option<Self> {
                let mut lines = text.split('\n').map(str::to_owned);
                let words = Self { $($field: lines.next()?,)+ };
                lines.next().is_none().then_some(words)
            }

            fn joined(&self) -> String {
                // A line break inside a sentence would shift all sentences after it.
                [$(self.$field.replace('\n', " "),)+].join("\n")
            }
        }
    };
}
pub(crate) use sentences;

#[cfg(test)]
mod tests {
    use super::Words;

    sentences! {
        /// Two sentences.
        pub struct Two {
            /// The first.
            first,
            /// The second.
            second,
        }
    }

    #[test]
    fn joined_sentences_are_split_again() {
        let two = Two { first: "«Cerrar»".into(), second: String::new() };
        assert_eq!(Two::split(&two.joined()), Some(two));
    }

    #[test]
    fn a_line_break_in_a_sentence_shifts_no_other() {
        let two = Two { first: "a\nb".into(), second: "c".into() };
        let read = Two::split(&two.joined());
        assert_eq!(read.map(|two| two.second), Some("c".into()));
    }

    #[test]
    fn a_wrong_number_of_lines_is_refused() {
        assert_eq!(Two::split("a"), None);
        assert_eq!(Two::split("a\nb\nc"), None);
    }
}

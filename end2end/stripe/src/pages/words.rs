//! All texts of the pay pages, in Spanish and English.

use crate::objects::payment_method::Decline;

/// The texts in one language.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) lang: &'static str,
    pub(crate) simulator: &'static str,
    pub(crate) banner: &'static str,
    pub(crate) home_title: &'static str,
    pub(crate) home_text: &'static str,
    pub(crate) title: &'static str,
    pub(crate) item: &'static str,
    pub(crate) quantity: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) total: &'static str,
    pub(crate) back: &'static str,
    pub(crate) email: &'static str,
    pub(crate) by_card: &'static str,
    pub(crate) by_bank: &'static str,
    pub(crate) card_number: &'static str,
    pub(crate) expiry: &'static str,
    pub(crate) cvc: &'static str,
    pub(crate) iban: &'static str,
    pub(crate) name: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) wrong_email: &'static str,
    pub(crate) wrong_number: &'static str,
    pub(crate) wrong_expiry: &'static str,
    pub(crate) wrong_cvc: &'static str,
    pub(crate) wrong_account: &'static str,
    pub(crate) wrong_method: &'static str,
    pub(crate) secure_title: &'static str,
    pub(crate) secure_text: &'static str,
    pub(crate) secure_complete: &'static str,
    pub(crate) secure_fail: &'static str,
    pub(crate) unknown_title: &'static str,
    pub(crate) unknown_text: &'static str,
    pub(crate) complete_title: &'static str,
    pub(crate) complete_text: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) expired_title: &'static str,
    pub(crate) expired_text: &'static str,
    pub(crate) test_cards_title: &'static str,
    pub(crate) test_cards_note: &'static str,
    pub(crate) test_cards: [(&'static str, &'static str); 8],
    declined: &'static str,
    declined_funds: &'static str,
    declined_expired: &'static str,
    declined_cvc: &'static str,
    declined_error: &'static str,
    declined_secure: &'static str,
    declined_real: &'static str,
}

static SPANISH: Words = Words {
    lang: "es",
    simulator: "SIMULADOR",
    banner: "de pagos para pruebas. Esto no es Stripe y aquí no se mueve dinero.",
    home_title: "Simulador de Stripe",
    home_text: "Responde como Stripe a la tienda que se está probando. Las páginas de pago se \
                abren desde la tienda.",
    title: "Pagar",
    item: "Artículo",
    quantity: "Cant.",
    amount: "Importe",
    total: "Total",
    back: "Volver a la tienda",
    email: "Correo electrónico",
    by_card: "Tarjeta",
    by_bank: "Débito bancario (tarda en confirmarse)",
    card_number: "Número de tarjeta",
    expiry: "Vencimiento (MM / AA)",
    cvc: "CVC",
    iban: "Cuenta (IBAN)",
    name: "Nombre del titular",
    pay: "Pagar",
    wrong_email: "Escribe un correo electrónico completo.",
    wrong_number: "Este número de tarjeta no es válido.",
    wrong_expiry: "La fecha no es válida o la tarjeta ya venció.",
    wrong_cvc: "El CVC tiene 3 o 4 cifras.",
    wrong_account: "Usa una de las cuentas de prueba.",
    wrong_method: "Esta compra no admite esa forma de pago.",
    secure_title: "Tu banco quiere saber si eres tú",
    secure_text: "En la vida real aquí aparecería la página de tu banco (3-D Secure).",
    secure_complete: "Autenticar",
    secure_fail: "No autenticar",
    unknown_title: "No encontramos este pago",
    unknown_text: "El enlace no corresponde a ninguna sesión de pago.",
    complete_title: "Este pago ya está hecho",
    complete_text: "No se cobra dos veces.",
    go_on: "Continuar",
    expired_title: "Esta sesión de pago venció",
    expired_text: "No se ha cobrado nada. Puedes empezar de nuevo en la tienda.",
    test_cards_title: "Tarjetas y cuentas de prueba",
    test_cards_note: "Cualquier fecha futura y cualquier CVC.",
    test_cards: [
        ("4242 4242 4242 4242", "pago aceptado"),
        ("4000 0060 4000 0068", "pago aceptado, tarjeta peruana"),
        ("4000 0000 0000 0002", "rechazada"),
        ("4000 0000 0000 9995", "rechazada, sin fondos"),
        ("4000 0025 0000 3155", "pide autenticación"),
        ("4000 0000 0000 5126", "aceptada; su devolución falla después"),
        ("AT61 1904 3002 3457 3201", "débito: se confirma más tarde"),
        ("AT86 1904 3002 3547 3202", "débito: falla más tarde"),
    ],
    declined: "Tu tarjeta fue rechazada. Prueba con otra.",
    declined_funds: "Tu tarjeta no tiene fondos suficientes. Prueba con otra.",
    declined_expired: "Tu tarjeta está vencida. Prueba con otra.",
    declined_cvc: "El código de seguridad de la tarjeta no es correcto.",
    declined_error: "Hubo un error al procesar la tarjeta. Inténtalo de nuevo en un momento.",
    declined_secure: "No pudimos autenticar tu forma de pago. Prueba de nuevo o con otra.",
    declined_real: "Aquí solo valen tarjetas de prueba.",
};

static ENGLISH: Words = Words {
    lang: "en",
    simulator: "SIMULATOR",
    banner: "of payments, for tests. This is not Stripe and no money moves here.",
    home_title: "Stripe simulator",
    home_text: "It answers the shop under test as Stripe would. Pay pages are opened from the shop.",
    title: "Pay",
    item: "Item",
    quantity: "Qty",
    amount: "Amount",
    total: "Total",
    back: "Back to the shop",
    email: "E-mail",
    by_card: "Card",
    by_bank: "Bank debit (takes time to confirm)",
    card_number: "Card number",
    expiry: "Expiry (MM / YY)",
    cvc: "CVC",
    iban: "Account (IBAN)",
    name: "Name of the holder",
    pay: "Pay",
    wrong_email: "Please type a complete e-mail address.",
    wrong_number: "This card number is not valid.",
    wrong_expiry: "The date is not valid, or the card has expired.",
    wrong_cvc: "The CVC has 3 or 4 digits.",
    wrong_account: "Please use one of the test accounts.",
    wrong_method: "This purchase does not take that payment method.",
    secure_title: "Your bank wants to know that it is you",
    secure_text: "In real life your bank's page would be here (3-D Secure).",
    secure_complete: "Complete authentication",
    secure_fail: "Fail authentication",
    unknown_title: "We cannot find this payment",
    unknown_text: "The link belongs to no payment session.",
    complete_title: "This is already paid",
    complete_text: "Nothing is charged twice.",
    go_on: "Continue",
    expired_title: "This payment session has expired",
    expired_text: "Nothing was charged. You can start again in the shop.",
    test_cards_title: "Test cards and accounts",
    test_cards_note: "Any date in the future, any CVC.",
    test_cards: [
        ("4242 4242 4242 4242", "payment accepted"),
        ("4000 0060 4000 0068", "payment accepted, Peruvian card"),
        ("4000 0000 0000 0002", "declined"),
        ("4000 0000 0000 9995", "declined, insufficient funds"),
        ("4000 0025 0000 3155", "asks for authentication"),
        ("4000 0000 0000 5126", "accepted; its refund fails later"),
        ("AT61 1904 3002 3457 3201", "debit: confirmed later"),
        ("AT86 1904 3002 3547 3202", "debit: fails later"),
    ],
    declined: "Your card was declined. Please try another.",
    declined_funds: "Your card has insufficient funds. Please try another.",
    declined_expired: "Your card has expired. Please try another.",
    declined_cvc: "Your card's security code is incorrect.",
    declined_error: "An error occurred while processing your card. Please try again in a moment.",
    declined_secure: "We are unable to authenticate your payment method. Try again, or another one.",
    declined_real: "Only test cards count here.",
};

/// Spanish for every variety of Spanish, English for all other languages.
pub(crate) fn words(locale: &str) -> &'static Words {
    if locale.trim_start().to_ascii_lowercase().starts_with("es") { &SPANISH } else { &ENGLISH }
}

impl Words {
    /// The message for a decline.
    pub(crate) fn decline(&self, decline: &Decline) -> &'static str {
        match (decline.code.as_str(), decline.decline_code.as_deref()) {
            (_, Some("insufficient_funds")) => self.declined_funds,
            (_, Some("test_mode_live_card")) => self.declined_real,
            ("expired_card", _) => self.declined_expired,
            ("incorrect_cvc", _) => self.declined_cvc,
            ("processing_error", _) => self.declined_error,
            ("payment_intent_authentication_failure", _) => self.declined_secure,
            _ => self.declined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_list_the_same_test_cards() {
        let numbers = |words: &Words| words.test_cards.map(|(number, _)| number);
        assert_eq!(numbers(&SPANISH), numbers(&ENGLISH));
        assert_eq!(words("es-419").lang, "es");
        assert_eq!(words("en-US,es;q=0.5").lang, "en");
    }
}

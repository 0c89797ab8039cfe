"""The rows of test_who_may for signing in, passwords and second steps."""

SIGNING_IN: dict[str, tuple[str, str, str]] = {
    "account_request_login_code": ("200 -> -> ->", "422 -> ->", "buyer"),
    "account_confirm_login_code": ("-> -> -> ->", "-> -> ->", "buyer"),
    "account_login": ("200 -> -> ->", "422 -> ->", "buyer"),
    "account_logout": ("-> 200 200 200", "-> -> ->", "buyer"),
    "account_change_password": ("in -> -> ->", "in -> ->", "buyer"),
    "account_set_password": ("in 200 200 200", "in 422 422", "buyer"),
    "account_reauthenticate": ("in 403 403 403", "in 403 403", "buyer"),
    "mfa_activate_totp": ("in 200 200 200", "in 422 422", "buyer"),
    "mfa_index": ("in 200 200 200", "in 405 405", "buyer"),
    "mfa_authenticate": ("-> -> -> ->", "-> -> ->", "buyer"),
    "mfa_reauthenticate": ("in 403 403 403", "in 403 403", "buyer"),
    "mfa_deactivate_totp": ("in 404 404 404", "in 404 404", "buyer"),
    "mfa_view_recovery_codes": ("in 404 404 404", "in 405 405", "buyer"),
    "mfa_generate_recovery_codes": ("in 200 200 200", "in 200 200", "buyer"),
    "mfa_download_recovery_codes": ("in 404 404 404", "in 404 404", "buyer"),
}

"""Forms of audit log sinks; the rules stand in the service."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import AuditSink

_TARGETS = {
    AuditSink.Kind.FILE: ("File name", "Written below the folder that the operator chose."),
    AuditSink.Kind.SYSLOG: ("Host and port", "logs.example.com:6514. RFC 5424, one row a message."),
    AuditSink.Kind.HTTP: ("Address", "https://…, which gets newline-delimited JSON by POST."),
}


class SinkForm(forms.Form):
    name = forms.CharField(max_length=50)
    target = forms.CharField(max_length=2000)
    transport = forms.ChoiceField(choices=AuditSink.Transport.choices)
    header = forms.CharField(
        required=False,
        max_length=100,
        label="Secret header",
        help_text="Authorization, for example; empty for none.",
    )
    secret = forms.CharField(
        required=False,
        max_length=2000,
        label="Value of the secret header",
        help_text="Kept encrypted and never shown again.",
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    sends_all = forms.BooleanField(
        required=False,
        label="Send what is in the log already",
        help_text="Else it begins with what happens from now on.",
    )
    is_on = forms.BooleanField(
        required=False, label="Send", help_text="Off: it goes on later where it stopped."
    )

    def __init__(self, kind: str, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = self.fields["target"]
        target.label, target.help_text = _TARGETS[AuditSink.Kind(kind)]
        del self.fields["is_on" if is_new else "sends_all"]
        if kind != AuditSink.Kind.SYSLOG:
            del self.fields["transport"]
        if kind != AuditSink.Kind.HTTP:
            del self.fields["header"]
            del self.fields["secret"]
        if not is_new and kind == AuditSink.Kind.HTTP:
            self.fields["secret"].help_text = "Empty: the one that is kept stays."

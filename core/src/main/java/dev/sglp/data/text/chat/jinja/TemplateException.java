package dev.sglp.data.text.chat.jinja;

/// A template that is not understood, or that refuses what it is given.
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TemplateException(int line, String message) {
        super("line %d: %s".formatted(line, message));
    }
}

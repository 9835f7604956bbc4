package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Lexer.Token;
import dev.sglp.data.text.chat.jinja.Lexer.Token.Kind;
import java.util.List;

/// A place among tokens.
final class Cursor {
    private final List<Token> tokens;
    private int at;

    Cursor(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        return tokens.get(at == tokens.size() - 1 ? at : at++);
    }

    int line() {
        return peek().line();
    }

    /// Whether a name is next, which then is passed.
    boolean word(String word) {
        return passed(Kind.NAME, word);
    }

    /// Whether an operator is next, which then is passed.
    boolean operator(String operator) {
        return passed(Kind.OPERATOR, operator);
    }

    private boolean passed(Kind kind, String text) {
        boolean found = peek().is(kind, text);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Kind kind, String what) {
        var token = next();
        if (token.kind() != kind || !what.isEmpty() && !token.text().equals(what)) {
            throw wrong(token, what.isEmpty() ? kind.name().toLowerCase(java.util.Locale.ROOT) : "'" + what + "'");
        }
        return token;
    }

    /// Whether the next tokens are a block that begins with one of these words.
    boolean block(List<String> words) {
        return peek().kind() == Kind.BLOCK && tokens.get(at + 1).kind() == Kind.NAME
                && words.contains(tokens.get(at + 1).text());
    }

    static TemplateException wrong(Token token, String expected) {
        return new TemplateException(token.line(), "expected %s, got %s".formatted(expected,
                token.text().isEmpty()
                        ? token.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                        : "'" + token.text() + "'"));
    }
}

package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Lexer.Token;
import dev.sglp.data.text.chat.jinja.Template.Expression;
import dev.sglp.data.text.chat.jinja.Template.Statement;
import dev.sglp.data.text.chat.jinja.Frame.Jump;
import dev.sglp.data.text.chat.jinja.Frame.Mark;
import dev.sglp.data.text.chat.jinja.Frame.Namespace;
import dev.sglp.data.text.chat.jinja.Lexer.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a template: text, `{{ … }}` and the blocks `for`, `if`, `set`, `break`, `continue` and `generation`.
final class Statements {
    private final Cursor tokens;
    private final Expressions expressions;
    private boolean marks;

    Statements(List<Token> all) {
        tokens = new Cursor(all);
        expressions = new Expressions(tokens);
    }

    Statement whole() {
        var all = until(List.of());
        if (tokens.peek().kind() != Kind.END) {
            tokens.next();
            throw Cursor.wrong(tokens.peek(), "the end");
        }
        return all;
    }

    /// Whether it has marked what an assistant said.
    boolean marks() {
        return marks;
    }

    /// Up to a block that begins with one of these words.
    private Statement until(List<String> ends) {
        var parts = new ArrayList<Statement>();
        while (tokens.peek().kind() != Kind.END && !tokens.block(ends)) {
            if (ends.isEmpty() && tokens.block(List.of("endfor", "endif", "endset", "else", "elif"))) {
                return Statement.all(parts);
            }
            parts.add(one());
        }
        if (!ends.isEmpty() && tokens.peek().kind() == Kind.END) {
            throw Cursor.wrong(tokens.peek(), "'%s'".formatted(ends.getLast()));
        }
        return Statement.all(parts);
    }

    private Statement one() {
        var token = tokens.next();
        return switch (token.kind()) {
            case TEXT -> (_, out) -> append(out, token.text(), token.line());
            case PRINT -> {
                var value = expressions.expression();
                tokens.expect(Kind.PRINT_END, "");
                yield (frame, out) -> append(out, new Values(token.line()).text(value.of(frame)), token.line());
            }
            default -> block();
        };
    }

    private static void append(StringBuilder out, String text, int line) {
        if (out.length() + text.length() > Values.LONGEST) {
            throw new TemplateException(line, "a text of more than %,d characters".formatted(Values.LONGEST));
        }
        out.append(text);
    }

    private void end(String word) {
        tokens.expect(Kind.BLOCK, "");
        tokens.expect(Kind.NAME, word);
        tokens.expect(Kind.BLOCK_END, "");
    }

    private Statement block() {
        var word = tokens.expect(Kind.NAME, "");
        return switch (word.text()) {
            case "for" -> loop();
            case "if" -> condition();
            case "set" -> assignment(word.line());
            case "break", "continue" -> {
                tokens.expect(Kind.BLOCK_END, "");
                boolean leaves = word.text().equals("break");
                yield (_, _) -> {
                    throw new Jump(leaves);
                };
            }
            case "generation" -> { // what an assistant said; the text is the same
                tokens.expect(Kind.BLOCK_END, "");
                var inside = until(List.of("endgeneration"));
                end("endgeneration");
                marks = true;
                yield (frame, out) -> {
                    int from = out.length();
                    inside.run(frame, out);
                    frame.mark(new Mark(out, from, out.length(), word.line()));
                };
            }
            default ->
                throw new TemplateException(word.line(), "the block '%s' is not known here".formatted(word.text()));
        };
    }

    private Statement condition() {
        int line = tokens.line();
        var test = expressions.expression();
        tokens.expect(Kind.BLOCK_END, "");
        var then = until(List.of("elif", "else", "endif"));
        tokens.expect(Kind.BLOCK, "");
        Statement other = (_, _) -> {};
        if (tokens.word("elif")) {
            other = condition();
        } else if (tokens.word("else")) {
            tokens.expect(Kind.BLOCK_END, "");
            other = until(List.of("endif"));
            end("endif");
        } else {
            tokens.expect(Kind.NAME, "endif");
            tokens.expect(Kind.BLOCK_END, "");
        }
        var otherwise = other;
        return (frame, out) -> (new Values(line).truth(test.of(frame)) ? then : otherwise).run(frame, out);
    }

    private Statement loop() {
        int line = tokens.line();
        var names = new ArrayList<String>();
        do {
            names.add(tokens.expect(Kind.NAME, "").text());
        } while (tokens.operator(","));
        tokens.expect(Kind.NAME, "in");
        var over = expressions.or();
        var only = tokens.word("if") ? Optional.of(expressions.expression()) : Optional.<Expression>empty();
        tokens.expect(Kind.BLOCK_END, "");
        var body = until(List.of("else", "endfor"));
        tokens.expect(Kind.BLOCK, "");
        if (tokens.word("else")) {
            throw new TemplateException(line, "'else' of a loop is not known here");
        }
        tokens.expect(Kind.NAME, "endfor");
        tokens.expect(Kind.BLOCK_END, "");
        return new Loop(line, names, over, only, body);
    }

    private Statement assignment(int line) {
        var name = tokens.expect(Kind.NAME, "").text();
        var field = tokens.operator(".") ? Optional.of(tokens.expect(Kind.NAME, "").text()) : Optional.<String>empty();
        if (!tokens.operator("=")) {
            tokens.expect(Kind.BLOCK_END, "");
            var body = until(List.of("endset"));
            end("endset");
            return (frame, out) -> {
                var text = new StringBuilder();
                body.run(new Frame(frame), text);
                set(line, frame, name, field, text.toString());
            };
        }
        var value = expressions.expression();
        tokens.expect(Kind.BLOCK_END, "");
        return (frame, _) -> set(line, frame, name, field, value.of(frame));
    }

    private static void set(int line, Frame frame, String name, Optional<String> field, Object value) {
        if (field.isEmpty()) {
            frame.set(name, value);
        } else if (frame.get(name) instanceof Namespace(var values)) {
            values.put(field.get(), value);
        } else {
            throw new TemplateException(line, "'%s' is no namespace: its fields cannot be set".formatted(name));
        }
    }
}

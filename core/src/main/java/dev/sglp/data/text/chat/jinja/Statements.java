package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Lexer.Token;
import dev.sglp.data.text.chat.jinja.Template.Expression;
import dev.sglp.data.text.chat.jinja.Template.Statement;
import dev.sglp.data.text.chat.jinja.Frame.Function;
import dev.sglp.data.text.chat.jinja.Frame.Jump;
import dev.sglp.data.text.chat.jinja.Frame.Mark;
import dev.sglp.data.text.chat.jinja.Frame.Namespace;
import dev.sglp.data.text.chat.jinja.Frame.Undefined;
import dev.sglp.data.text.chat.jinja.Lexer.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Reads a template: text, `{{ … }}` and the blocks `for`, `if`, `set`, `macro`, `filter`, `with`, `break`,
/// `continue` and `generation`.
final class Statements {
    private final Cursor tokens;
    private final Expressions expressions;
    private boolean marks;
    private int loops; // that are open

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
            if (ends.isEmpty() && tokens.block(List.of("endfor", "endif", "endset", "else", "elif", "endmacro"))) {
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
            case "macro" -> macro(word.line());
            case "with" -> with(word.line());
            case "filter" -> {
                var chain = expressions.filtered(expressions.filter(WRITTEN));
                tokens.expect(Kind.BLOCK_END, "");
                var inside = until(List.of("endfilter"));
                end("endfilter");
                yield (frame, out) -> append(out, new Values(word.line()).text(written(inside, chain, frame)),
                        word.line());
            }
            case "break", "continue" -> {
                if (loops == 0) {
                    throw new TemplateException(word.line(), "'%s' stands in no loop".formatted(word.text()));
                }
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
        loops++;
        var body = until(List.of("else", "endfor"));
        loops--;
        tokens.expect(Kind.BLOCK, "");
        Statement otherwise = (_, _) -> {};
        if (tokens.word("else")) {
            tokens.expect(Kind.BLOCK_END, "");
            otherwise = until(List.of("endfor"));
            tokens.expect(Kind.BLOCK, "");
        }
        tokens.expect(Kind.NAME, "endfor");
        tokens.expect(Kind.BLOCK_END, "");
        return new Loop(line, names, over, only, body, otherwise);
    }

    private Statement assignment(int line) {
        var name = tokens.expect(Kind.NAME, "").text();
        if (tokens.peek().is(Kind.OPERATOR, ",")) {
            return several(line, name);
        }
        var field = tokens.operator(".") ? Optional.of(tokens.expect(Kind.NAME, "").text()) : Optional.<String>empty();
        if (!tokens.operator("=")) {
            var chain = expressions.filtered(WRITTEN);
            tokens.expect(Kind.BLOCK_END, "");
            var body = until(List.of("endset"));
            end("endset");
            return (frame, _) -> set(line, frame, name, field, written(body, chain, frame));
        }
        var value = expressions.expression();
        tokens.expect(Kind.BLOCK_END, "");
        return (frame, _) -> set(line, frame, name, field, value.of(frame));
    }

    /// `a, b = …`
    private Statement several(int line, String first) {
        var names = new ArrayList<>(List.of(first));
        while (tokens.operator(",")) {
            names.add(tokens.expect(Kind.NAME, "").text());
        }
        tokens.expect(Kind.OPERATOR, "=");
        var values = new ArrayList<>(List.of(expressions.expression()));
        while (tokens.operator(",")) {
            values.add(expressions.expression());
        }
        tokens.expect(Kind.BLOCK_END, "");
        return (frame, _) -> {
            var all = values.size() == 1
                    ? new Values(line).items(values.getFirst().of(frame))
                    : values.stream().map(value -> value.of(frame)).toList();
            if (all.size() != names.size()) {
                throw new TemplateException(line, "%d names for %d values".formatted(names.size(), all.size()));
            }
            for (int i = 0; i < names.size(); i++) {
                frame.set(names.get(i), all.get(i));
            }
        };
    }

    /// What a block wrote, which its filters are given.
    private static final Expression WRITTEN = frame -> frame.get("{written}"); // no name of a template

    private static Object written(Statement body, Expression chain, Frame frame) {
        var text = new StringBuilder();
        body.run(new Frame(frame), text);
        var around = new Frame(frame);
        around.set("{written}", text.toString());
        return chain.of(around);
    }

    private Statement with(int line) {
        var names = new LinkedHashMap<String, Expression>();
        while (tokens.peek().kind() == Kind.NAME) {
            var name = tokens.next().text();
            tokens.expect(Kind.OPERATOR, "=");
            names.put(name, expressions.expression());
            tokens.operator(",");
        }
        tokens.expect(Kind.BLOCK_END, "");
        var body = until(List.of("endwith"));
        end("endwith");
        return (frame, out) -> {
            var inside = new Frame(frame);
            names.forEach((name, value) -> inside.set(name, value.of(frame)));
            body.run(inside, out);
        };
    }

    /// A function that writes a text: it sees what its parameters say and what is set around it.
    private Statement macro(int line) {
        var name = tokens.expect(Kind.NAME, "").text();
        tokens.expect(Kind.OPERATOR, "(");
        var parameters = new LinkedHashMap<String, Expression>();
        while (!tokens.operator(")")) {
            var parameter = tokens.expect(Kind.NAME, "").text();
            parameters.put(parameter, tokens.operator("=") ? expressions.expression() : _ -> new Undefined(parameter));
            if (!tokens.peek().is(Kind.OPERATOR, ")")) {
                tokens.expect(Kind.OPERATOR, ",");
            }
        }
        tokens.expect(Kind.BLOCK_END, "");
        int around = loops;
        loops = 0;
        var body = until(List.of("endmacro"));
        loops = around;
        end("endmacro");
        return (frame, _) -> frame.set(name, (Function) (given, named) -> {
            if (given.size() > parameters.size() || !parameters.keySet().containsAll(named.keySet())) {
                throw new TemplateException(line, "the macro '%s' takes %s".formatted(name, parameters.keySet()));
            }
            var inside = new Frame(frame);
            int place = 0;
            for (var parameter : parameters.entrySet()) {
                inside.set(parameter.getKey(), place < given.size()
                        ? given.get(place)
                        : named.containsKey(parameter.getKey())
                                ? named.get(parameter.getKey())
                                : parameter.getValue().of(inside));
                place++;
            }
            var text = new StringBuilder();
            body.run(inside, text);
            return text.toString();
        });
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

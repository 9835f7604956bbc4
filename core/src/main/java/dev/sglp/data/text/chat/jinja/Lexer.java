package dev.sglp.data.text.chat.jinja;

import dev.sglp.data.text.chat.jinja.Lexer.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a template into tokens. `trim_blocks`: a line end behind a block or a comment goes; `lstrip_blocks`: blanks before one at the beginning
/// of a line go; `-` takes all blanks on its side, `+` leaves them.
final class Lexer {
    private static final Pattern OPENING = Pattern.compile("\\{[{%#]");
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*([-+]?)%\\}");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
    private static final Pattern CODE = Pattern.compile(
            "(?<blank>\\s+)|(?<name>[A-Za-z_]\\w*)|(?<float>\\d+(?:\\.\\d+)?[eE][-+]?\\d+|\\d+\\.\\d+)|(?<integer>\\d+)"
                    + "|(?<string>'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")"
                    + "|(?<operator>==|!=|<=|>=|//|\\*\\*|[-+*/%~|<>=.,:()\\[\\]{}])",
            Pattern.DOTALL);

    /// A piece of a template.
    ///
    /// @param line in the template, from 1
    record Token(Kind kind, String text, int line) {
        enum Kind {
            /// Outside of tags, as it is.
            TEXT,
            /// `{{`
            PRINT,
            /// `}}`
            PRINT_END,
            /// `{%`
            BLOCK,
            /// `%}`
            BLOCK_END,
            /// A name or a word of the language.
            NAME,
            /// What stands between quotes, its escapes resolved.
            STRING, INTEGER, FLOAT, OPERATOR, END
        }

        boolean is(Kind wanted, String what) {
            return kind == wanted && text.equals(what);
        }
    }

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean stripped; // blanks behind the last tag go
    private boolean trimmed; // a line end behind it goes

    Lexer(String source) {
        var lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    List<Token> tokens() {
        var opening = OPENING.matcher(source);
        while (opening.find(at)) {
            char kind = source.charAt(opening.start() + 1);
            if (RAW.matcher(source).region(opening.start(), source.length()).lookingAt()) {
                raw(opening.start());
                continue;
            }
            int next = opening.end();
            char sign = next < source.length() ? source.charAt(next) : ' ';
            text(opening.start(), sign == '-', kind != '{' && sign != '+');
            at = sign == '-' || sign == '+' ? next + 1 : next;
            switch (kind) {
                case '#' -> comment();
                case '{' -> code(Kind.PRINT, Kind.PRINT_END, "}}");
                default -> code(Kind.BLOCK, Kind.BLOCK_END, "%}");
            }
        }
        text(source.length(), false, false);
        tokens.add(new Token(Kind.END, "", line));
        return tokens;
    }

    /// What stands between `raw` and `endraw` is text, whatever it is.
    private void raw(int start) {
        var begin = RAW.matcher(source).region(start, source.length());
        var end = END_RAW.matcher(source);
        if (!begin.lookingAt() || !end.find(begin.end())) {
            throw new TemplateException(line, "a 'raw' has no 'endraw'");
        }
        for (var tag : List.of(begin, end)) {
            text(tag.start(), tag.group(1).equals("-"), !tag.group(1).equals("+"));
            count(at, tag.end());
            at = tag.end();
            after(tag.group(2).isEmpty() ? ' ' : tag.group(2).charAt(0), true);
        }
    }

    /// @param strip whether blanks before its end go
    /// @param left  whether blanks go that stand alone on its last line
    private void text(int end, boolean strip, boolean left) {
        int from = at;
        if (stripped) {
            while (from < end && Python.blank(source.charAt(from))) {
                from++;
            }
        } else if (trimmed && from < end && source.charAt(from) == '\n') {
            from++;
        }
        var text = source.substring(from, end);
        if (strip) {
            text = Python.stripped(text, false, true);
        } else if (left) {
            int start = text.lastIndexOf('\n') + 1;
            boolean first = start > 0 || from == 0 || source.charAt(from - 1) == '\n';
            text = first && text.substring(start).isBlank() ? text.substring(0, start) : text;
        }
        if (!text.isEmpty()) {
            tokens.add(new Token(Kind.TEXT, text, line));
        }
        count(at, end);
        at = end;
    }

    private void count(int from, int end) {
        line += (int) source.substring(from, end).chars().filter(c -> c == '\n').count();
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new TemplateException(line, "a comment has no end");
        }
        count(at, end);
        at = end + 2;
        after(source.charAt(end - 1), true);
    }

    private void after(char sign, boolean block) {
        stripped = sign == '-';
        trimmed = block && sign != '+';
    }

    private void code(Kind start, Kind end, String closing) {
        tokens.add(new Token(start, "", line));
        var code = CODE.matcher(source);
        int open = 0; // brackets
        while (true) {
            boolean sign = at < source.length() && "-+".indexOf(source.charAt(at)) >= 0
                    && source.startsWith(closing, at + 1);
            if (open == 0 && (sign || source.startsWith(closing, at))) {
                after(sign ? source.charAt(at) : ' ', end == Kind.BLOCK_END);
                at += sign ? 3 : 2;
                tokens.add(new Token(end, "", line));
                return;
            }
            if (!code.find(at) || code.start() != at) {
                throw new TemplateException(line, at < source.length()
                        ? "'%s' is not understood".formatted(source.substring(at, Math.min(at + 20, source.length())))
                        : "a tag has no end");
            }
            open += "([{".contains(code.group()) ? 1 : ")]}".contains(code.group()) ? -1 : 0;
            add(code);
            count(at, code.end());
            at = code.end();
        }
    }

    private void add(Matcher code) {
        for (var kind : new Kind[]{Kind.NAME, Kind.FLOAT, Kind.INTEGER, Kind.STRING, Kind.OPERATOR}) {
            var text = code.group(kind.name().toLowerCase(java.util.Locale.ROOT));
            if (text != null) {
                tokens.add(new Token(kind, kind == Kind.STRING ? unescaped(text) : text, line));
            }
        }
    }

    private String unescaped(String quoted) {
        var text = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char next = quoted.charAt(++i);
            text.append(switch (next) {
                case 'n' -> "\n";
                case 't' -> "\t";
                case 'r' -> "\r";
                case '\\', '\'', '"' -> String.valueOf(next);
                case 'b' -> "\b";
                case 'f' -> "\f";
                case 'v' -> "\u000b";
                case 'a' -> "\u0007";
                case 'x', 'u', 'U' -> {
                    int digits = next == 'x' ? 2 : next == 'u' ? 4 : 8;
                    var number = quoted.substring(i + 1, Math.min(quoted.length() - 1, i + 1 + digits));
                    if (!number.matches("[0-9a-fA-F]{%d}".formatted(digits))
                            || !Character.isValidCodePoint((int) Long.parseLong(number, 16))) {
                        throw new TemplateException(line, "the escape '\\%c%s' is not understood".formatted(next, number));
                    }
                    i += digits;
                    yield Character.toString((int) Long.parseLong(number, 16));
                }
                case 'N', '0', '1', '2', '3', '4', '5', '6', '7', '\n' ->
                    throw new TemplateException(line, "the escape '\\%c' is not known here".formatted(next));
                default -> "\\" + next;
            });
        }
        return text.toString();
    }
}

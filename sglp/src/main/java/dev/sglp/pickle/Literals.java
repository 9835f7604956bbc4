package dev.sglp.pickle;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/// The opcodes that push a constant.
final class Literals {
    private Literals() {}

    /// @return whether `opcode` is one of them
    static boolean read(int opcode, PickleBytes bytes, PickleMachine machine) throws IOException {
        Object value = switch (opcode) {
            case 'N' -> None.NONE;
            case 0x88 -> true;
            case 0x89 -> false;
            case 'I' -> integer(bytes.line());
            case 'J' -> (long) bytes.i32();
            case 'K' -> (long) bytes.u8();
            case 'M' -> (long) bytes.u16();
            case 'L' -> PickleBytes.narrow(new BigInteger(bytes.line().replaceFirst("L$", "")));
            case 0x8a -> bytes.number(bytes.u8());
            case 0x8b -> bytes.number(bytes.u32());
            case 'F' -> Double.parseDouble(bytes.line());
            case 'G' -> bytes.bigDouble();
            default -> string(opcode, bytes);
        };
        if (value == NOT_ONE) {
            return false;
        }
        machine.push(value);
        return true;
    }

    private static final Object NOT_ONE = new Object();

    private static Object string(int opcode, PickleBytes bytes) throws IOException {
        return switch (opcode) {
            case 'S' -> unquoted(bytes.line());
            case 'T' -> bytes.text(bytes.u32(), StandardCharsets.ISO_8859_1);
            case 'U' -> bytes.text(bytes.u8(), StandardCharsets.ISO_8859_1);
            case 'V' -> bytes.line();
            case 'X' -> bytes.text(bytes.u32(), StandardCharsets.UTF_8);
            case 0x8c -> bytes.text(bytes.u8(), StandardCharsets.UTF_8);
            case 0x8d -> bytes.text(bytes.i64(), StandardCharsets.UTF_8);
            case 'B' -> bytes.raw(bytes.u32());
            case 'C' -> bytes.raw(bytes.u8());
            case 0x8e, 0x96 -> bytes.raw(bytes.i64());
            default -> NOT_ONE;
        };
    }

    /// Protocol 0 writes booleans as `00` and `01`.
    private static Object integer(String line) {
        return switch (line) {
            case "00" -> false;
            case "01" -> true;
            default -> PickleBytes.narrow(new BigInteger(line));
        };
    }

    private static String unquoted(String line) {
        return line.substring(1, line.length() - 1);
    }
}

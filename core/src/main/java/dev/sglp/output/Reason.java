package dev.sglp.output;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why a file could not be read or written, in words: the JDK's exceptions of files name the file alone.
public final class Reason {
    private Reason() {}

    public static String of(IOException e) {
        return switch (e) {
            case NoSuchFileException file -> file.getFile() + " does not exist";
            case FileAlreadyExistsException file -> file.getFile() + " is there already";
            case NotDirectoryException file -> file.getFile() + " is no directory";
            case AccessDeniedException file -> "no permission for " + file.getFile();
            case FileSystemException file when file.getReason() != null ->
                "%s: %s".formatted(file.getFile(), file.getReason());
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}

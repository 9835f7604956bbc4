/// What a teacher said, kept in a file.
@NullMarked
package dev.sglp.cli.teacher;

import org.jspecify.annotations.NullMarked;

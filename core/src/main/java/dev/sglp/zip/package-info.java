/// Zip files as containers of arrays: read where they are mapped, written with aligned, stored entries.
@NullMarked
package dev.sglp.zip;

import org.jspecify.annotations.NullMarked;

/// Whose fault it is, by type: the settings', the input's, or the machine's.
@NullMarked
package dev.sglp.fault;

import org.jspecify.annotations.NullMarked;

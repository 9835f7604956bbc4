/// Methods that look at nothing.
@NullMarked
package dev.sglp.method.control;

import org.jspecify.annotations.NullMarked;

/// Which sets of each segment are scored, and which whole plans they make.
@NullMarked
package dev.sglp.method.search;

import org.jspecify.annotations.NullMarked;

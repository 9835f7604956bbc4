/// What every HTML page is made of, whatever it shows.
@NullMarked
package dev.sglp.report.html;

import org.jspecify.annotations.NullMarked;

// Numbers, units and times as people write them in a paper. All results are plain text, not yet escaped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::study::report {

std::string decimal(double value, int digits);           // "12,345.68", "−0.50"
std::string count(double value);                         // "12,345"; a weighted count keeps one decimal
std::string measure(double value, int significant = 6);  // "270", "52.5", "1,022", "3.1 × 10⁻⁹"
std::string scientific(double value);                    // "1 × 10⁻⁹", "3.1 × 10⁻⁴"
std::string percent(double fraction);                    // "62.4%"
std::string p_value(double p);                           // "p < 0.001", "p = 0.004", "p = 0.31", "p > 0.99"
std::string change(double from, double to);              // "+12%", "−3%", "±0%"
std::string byte_size(double bytes);                     // "4.5 MB"
std::string seconds(double value);                       // "250 ms", "12.4 s", "3 min 20 s"
std::string moment(std::string_view iso);                // "2026-11-20 10:00:00 UTC"; anything else as it stands
std::string unit_name(std::string_view unit);            // "d" to "days"; anything else as it stands
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ");

std::string capitalised(std::string plain);  // the first letter, where it is a plain one

// Cuts on a character's border and marks the cut with an ellipsis.
std::string shortened(std::string_view plain, std::size_t characters);
// Width in the average characters of a proportional font; an ideograph counts twice.
std::size_t width_in_characters(std::string_view plain);

}  // namespace cohortium::study::report

// Time at risk as rows: of each person one per calendar year and age band, with exact days.
#pragma once

#include "cohort/criteria_sql.h"
#include "cohort/features.h"

namespace cohortium::cohort {

// Of the expression `entries` (person_id, start_date, end_date, op_end_date): "SELECT person_id, start_date, end_date,
// days_at_risk, outcome". A day of a person counts once, however many entries hold it.
std::string time_at_risk(const TimeAtRisk& at_risk, CriteriaSql& criteria, Statement& statement);

// The day on which rows of the table person, alias `person`, attain so many years (an expression). Where the month or day of
// birth is not known it is taken to be the first; who is born on 29 February attains her years on the 28th, or on the 29th.
std::string birthday(const std::string& person, const std::string& years);

}  // namespace cohortium::cohort

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/migrations.h"

namespace weir::store {

// STRICT and CHECK: what salvaging reads from a damaged file must not get in where it makes no sense.
// AUTOINCREMENT: the usage of a deleted key or of an earlier run must not be taken for that of a new one.
// A time is in milliseconds since 1970-01-01 UTC, an hour is the time at which it begins.
const std::vector<Migration> &migrations()
{
    static const std::vector<Migration> All = {
        {1,
         "runs and access keys",
         {
             "CREATE TABLE run("
             " id INTEGER PRIMARY KEY AUTOINCREMENT,"
             " boot BLOB NOT NULL UNIQUE CHECK(length(boot) = 16),"
             " started_at INTEGER NOT NULL) STRICT",

             "CREATE TABLE access_key("
             " id INTEGER PRIMARY KEY AUTOINCREMENT,"
             " hash BLOB NOT NULL UNIQUE CHECK(length(hash) = 32),"
             " prefix TEXT NOT NULL,"
             " label TEXT NOT NULL,"
             " provider TEXT NOT NULL,"
             " model TEXT NOT NULL,"
             " allowed_models TEXT NOT NULL," // JSON array of texts
             " is_background INTEGER NOT NULL CHECK(is_background IN (0, 1)),"
             " is_paused INTEGER NOT NULL CHECK(is_paused IN (0, 1)),"
             " created_at INTEGER NOT NULL,"
             " expires_at INTEGER,"
             " last_used_at INTEGER,"
             " tokens_per_window INTEGER,"
             " window_ms INTEGER NOT NULL CHECK(window_ms > 0),"
             " tokens_per_day INTEGER,"
             " tokens_per_minute INTEGER,"
             " requests_per_minute INTEGER,"
             " concurrent INTEGER,"
             " tokens_before INTEGER NOT NULL DEFAULT 0) STRICT",

             // No key: all keys together.
             "CREATE TABLE spent("
             " key_id INTEGER REFERENCES access_key(id) ON DELETE CASCADE,"
             " span INTEGER NOT NULL CHECK(span IN (0, 1))," // the key's window, the day
             " at INTEGER NOT NULL,"
             " amount INTEGER NOT NULL CHECK(amount >= 0)) STRICT",

             "CREATE UNIQUE INDEX spent_once ON spent(coalesce(key_id, 0), span, at)",
         }},
        {2,
         "usage by request and by hour",
         {
             // id: the run, and the exchange's number within it. So a row that comes twice is seen.
             "CREATE TABLE usage("
             " id INTEGER PRIMARY KEY,"
             " at INTEGER NOT NULL,"
             " caller TEXT NOT NULL,"
             " key_id INTEGER NOT NULL," // 0 = none; outlives the key
             " tool TEXT NOT NULL,"
             " provider TEXT NOT NULL,"
             " model_requested TEXT NOT NULL,"
             " model TEXT NOT NULL,"
             " endpoint TEXT NOT NULL,"
             " status INTEGER NOT NULL,"
             " outcome INTEGER NOT NULL,"
             " is_known INTEGER NOT NULL,"
             " is_estimated INTEGER NOT NULL,"
             " input INTEGER NOT NULL,"
             " cached_input INTEGER NOT NULL,"
             " cache_write INTEGER NOT NULL,"
             " output INTEGER NOT NULL,"
             " reasoning INTEGER NOT NULL,"
             " cost_micros INTEGER,"
             " own_us INTEGER NOT NULL,"
             " total_us INTEGER NOT NULL,"
             " first_token_us INTEGER) STRICT",

             "CREATE INDEX usage_at ON usage(at)",

             "CREATE TABLE usage_hour("
             " hour INTEGER NOT NULL,"
             " key_id INTEGER NOT NULL,"
             " caller TEXT NOT NULL,"
             " tool TEXT NOT NULL,"
             " provider TEXT NOT NULL,"
             " model TEXT NOT NULL,"
             " requests INTEGER NOT NULL,"
             " errors INTEGER NOT NULL,"
             " estimated INTEGER NOT NULL,"
             " input INTEGER NOT NULL,"
             " cached_input INTEGER NOT NULL,"
             " cache_write INTEGER NOT NULL,"
             " output INTEGER NOT NULL,"
             " reasoning INTEGER NOT NULL,"
             " costed INTEGER NOT NULL,"
             " cost_micros INTEGER NOT NULL,"
             " own_us INTEGER NOT NULL,"
             " total_us INTEGER NOT NULL,"
             " PRIMARY KEY(hour, key_id, caller, tool, provider, model)) STRICT, WITHOUT ROWID",
         }},
        {3,
         "names of callers in pass-through",
         {
             "CREATE TABLE caller("
             " id TEXT PRIMARY KEY,"
             " label TEXT NOT NULL) STRICT, WITHOUT ROWID",

             // The key of the hashes by which callers are told apart.
             "CREATE TABLE installation("
             " id INTEGER PRIMARY KEY CHECK(id = 1),"
             " hash_key BLOB NOT NULL CHECK(length(hash_key) = 32)) STRICT",
         }},
        {4,
         "what counts against limits, with each request",
         {
             "ALTER TABLE usage ADD COLUMN charged INTEGER NOT NULL DEFAULT 0",

             // The same slots serve every window. Nothing but imports has written here before, and of those
             // the key's window only.
             "CREATE TABLE spent_slot("
             " key_id INTEGER REFERENCES access_key(id) ON DELETE CASCADE,"
             " at INTEGER NOT NULL,"
             " amount INTEGER NOT NULL CHECK(amount >= 0)) STRICT",
             "INSERT INTO spent_slot SELECT key_id, at, amount FROM spent WHERE span = 0",
             "DROP TABLE spent",
             "ALTER TABLE spent_slot RENAME TO spent",
             "CREATE UNIQUE INDEX spent_once ON spent(coalesce(key_id, 0), at)",
             "CREATE INDEX spent_at ON spent(at)",
         }},
        {5,
         "totals of keys, requests that Weir refused",
         {
             // Of its whole life here: hours go one day. What it had used before it came is tokens_before.
             "ALTER TABLE access_key ADD COLUMN tokens_used INTEGER NOT NULL DEFAULT 0",
             "UPDATE access_key SET tokens_used = used.tokens FROM"
             " (SELECT key_id, CAST(min(total(input + output), 1 << 52) AS INTEGER) AS tokens"
             "  FROM usage_hour GROUP BY key_id) AS used"
             " WHERE used.key_id = access_key.id",

             // reason: an identifier of base::Errc.
             "CREATE TABLE refused("
             " hour INTEGER NOT NULL,"
             " reason TEXT NOT NULL,"
             " requests INTEGER NOT NULL,"
             " PRIMARY KEY(hour, reason)) STRICT, WITHOUT ROWID",
         }},
    };
    return All;
}

int newestVersion()
{
    return migrations().back().version;
}

} // namespace weir::store

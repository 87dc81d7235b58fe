// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/keys_command.h"

#include "app/command_line.h"
#include "app/key_options.h"
#include "app/key_table.h"
#include "app/terminal.h"
#include "config/config_check.h"
#include "engine/admin_file.h"
#include "engine/store_client.h"
#include <array>
#include <QCommandLineParser>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::app {

using base::Errc;
using base::Error;
using base::Result;

namespace {

/// A larger one is no key file, and refused by who reads it.
constexpr qint64 KeyFileMax = 16 * 1024 * 1024;
const QString KeysPage = QStringLiteral("/admin/keys");
/// Before an id, where a label could be meant, too.
const QString IdMark = QStringLiteral("id:");

/// As an engine would that is started now. "" = the default file.
Result<std::vector<std::string>> readProviders(const QString &configFile)
{
    QStringList arguments{QStringLiteral("weir-headless")};
    if (!configFile.isEmpty())
        arguments += {QStringLiteral("--config"), configFile};
    const Invocation invocation = readCommandLine(Program::Headless, arguments);
    if (invocation.action == Invocation::Action::Run)
        return config::providerNames(*invocation.config);
    return base::unexpected(Errc::ConfigInvalid,
                            invocation.problems.front().where + ": " + invocation.problems.front().what);
}

Result<QJsonObject> ask(const char *method, const QString &target, const QByteArray &body = {},
                        engine::IfMissing ifMissing = engine::IfMissing::Refuse,
                        const QString &configFile = {})
{
    pipeline::Question question;
    question.method = method;
    question.target = target.toStdString();
    question.body = body;
    const auto answer = engine::askStore(engine::databasePath(), question, ifMissing,
                                         [&] { return readProviders(configFile); });
    if (!answer)
        return base::Unexpected{answer.error()};
    return QJsonDocument::fromJson(*answer).object();
}

QByteArray toJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

Result<QJsonArray> listKeys()
{
    const auto answer = ask("GET", KeysPage);
    if (!answer && answer.error().code == Errc::NotStored)
        return QJsonArray(); // there is no database yet
    if (!answer)
        return base::Unexpected{answer.error()};
    return (*answer)[QLatin1String("keys")].toArray();
}

/// The key that a user means by its id or its label.
Result<QJsonObject> findKey(const QString &name)
{
    const auto keys = listKeys();
    if (!keys)
        return base::Unexpected{keys.error()};
    std::vector<QJsonObject> meant;
    for (const QJsonValue &value : *keys) {
        const QJsonObject key = value.toObject();
        const QString id = QString::number(key[QLatin1String("id")].toInteger());
        if (name == IdMark + id) // says that it is one
            return key;
        if (name == id || name == key[QLatin1String("label")].toString())
            meant.push_back(key);
    }
    if (meant.size() == 1)
        return meant.front();
    const std::string quoted = '\'' + printable(name).toStdString() + '\'';
    if (meant.empty())
        return base::unexpected(Errc::NotStored, "no access key has the id or label " + quoted);
    std::string ids;
    for (const QJsonObject &key : meant)
        ids += (ids.empty() ? "id:" : ", id:") + std::to_string(key[QLatin1String("id")].toInteger());
    return base::unexpected(Errc::QueryInvalid, quoted + " may be any of " + ids + "; say which");
}

QString nameOf(const QJsonObject &key)
{
    return QStringLiteral("access key %1 '%2'")
        .arg(key[QLatin1String("id")].toInteger())
        .arg(printable(key[QLatin1String("label")].toString()));
}

QString pageOf(const QJsonObject &key)
{
    return QStringLiteral("%1/%2").arg(KeysPage).arg(key[QLatin1String("id")].toInteger());
}

const QCommandLineOption
    ConfigOption(QStringLiteral("config"),
                 QStringLiteral("The file that names the providers, where no Weir runs."),
                 QStringLiteral("FILE"));

/// The only time that it is seen.
int tellSecret(const Terminal &terminal, const QJsonObject &key, const QString &what)
{
    terminal.print(key[QLatin1String("secret")].toString());
    terminal.remark(nameOf(key) + QLatin1Char(' ') + what +
                    QStringLiteral("; it is shown only this once, Weir keeps nothing but its hash"));
    return ExitDone;
}

// ── what can be done. Each reads its own arguments.

/// A parser for one of the commands below.
struct Reader : QCommandLineParser
{
    explicit Reader(const char *what) { setApplicationDescription(QString::fromLatin1(what)); }
    Reader &takes(const char *name, const char *help)
    {
        taken += QString::fromLatin1(name);
        addPositionalArgument(taken.constLast(), QString::fromLatin1(help));
        return *this;
    }
    Reader &takesKey() { return takes("KEY", "Its id or its label."); }
    std::optional<int> read(const Terminal &terminal, const QStringList &arguments)
    {
        if (const auto end = terminal.parse(*this, arguments))
            return end;
        const qsizetype given = positionalArguments().size();
        if (given > taken.size())
            return terminal.refuse(
                QStringLiteral("unexpected argument '%1'").arg(positionalArguments()[taken.size()]));
        if (given < taken.size())
            return terminal.refuse(taken[given] + QStringLiteral(" is missing"));
        return std::nullopt;
    }
    QString argument(qsizetype at) const { return positionalArguments()[at]; }

    QStringList taken; // names of positional arguments
};

int create(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader("Makes an access key and prints it, alone on a line of stdout.");
    addKeyOptions(reader);
    reader.addOption(ConfigOption);
    if (const auto end = reader.read(terminal, arguments))
        return *end;
    const auto fields = readKeyOptions(reader, base::SystemClock().wallNow());
    if (!fields)
        return terminal.fail(fields.error());
    if (!fields->contains(QLatin1String("label")))
        return terminal.refuse(QStringLiteral("a key needs a name: --label LABEL"));
    const auto made =
        ask("POST", KeysPage, toJson(*fields), engine::IfMissing::Create, reader.value(ConfigOption));
    return made ? tellSecret(terminal, *made, QStringLiteral("was made")) : terminal.fail(made.error());
}

/// Changes fields of the key that the first argument names.
int change(const Terminal &terminal, const QString &name, const QJsonObject &fields,
           const QString &configFile = {})
{
    const auto key = findKey(name);
    if (!key)
        return terminal.fail(key.error());
    const auto changed = ask("PATCH", pageOf(*key), toJson(fields), engine::IfMissing::Refuse, configFile);
    if (!changed)
        return terminal.fail(changed.error());
    terminal.remark(nameOf(*changed) + QStringLiteral(" is changed"));
    return ExitDone;
}

int setPaused(const Terminal &terminal, const QStringList &arguments, bool isPaused)
{
    Reader reader(isPaused ? "Refuses what comes with the key, until it is resumed." : "Ends a pause.");
    if (const auto end = reader.takesKey().read(terminal, arguments))
        return *end;
    return change(terminal, reader.argument(0), {{QStringLiteral("paused"), isPaused}});
}

int pause(const Terminal &terminal, const QStringList &arguments)
{
    return setPaused(terminal, arguments, true);
}

int resume(const Terminal &terminal, const QStringList &arguments)
{
    return setPaused(terminal, arguments, false);
}

int rename(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader("Gives a key another label.");
    if (const auto end = reader.takesKey().takes("LABEL", "The new one.").read(terminal, arguments))
        return *end;
    return change(terminal, reader.argument(0), {{QStringLiteral("label"), reader.argument(1)}});
}

int set(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader(
        "Changes what is named; the rest stays. 'none' takes a limit, an override or the expiry away.");
    addKeyOptions(reader);
    reader.addOption(ConfigOption);
    if (const auto end = reader.takesKey().read(terminal, arguments))
        return *end;
    const auto fields = readKeyOptions(reader, base::SystemClock().wallNow());
    if (!fields)
        return terminal.fail(fields.error());
    if (fields->isEmpty())
        return terminal.refuse(QStringLiteral("nothing is to be changed"));
    return change(terminal, reader.argument(0), *fields, reader.value(ConfigOption));
}

int rotate(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader(
        "Gives a key another text and prints it; the old one stops working at once. All else stays.");
    if (const auto end = reader.takesKey().read(terminal, arguments))
        return *end;
    const auto key = findKey(reader.argument(0));
    const auto rotated = key ? ask("POST", pageOf(*key) + QStringLiteral("/rotate")) : key;
    return rotated ? tellSecret(terminal, *rotated, QStringLiteral("has another text"))
                   : terminal.fail(rotated.error());
}

int remove(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader("Deletes a key; it stops working at once. What it has used is still told.");
    if (const auto end = reader.takesKey().read(terminal, arguments))
        return *end;
    const auto key = findKey(reader.argument(0));
    const auto deleted = key ? ask("DELETE", pageOf(*key)) : key;
    if (!deleted)
        return terminal.fail(deleted.error());
    terminal.remark(nameOf(*key) + QStringLiteral(" is deleted"));
    return ExitDone;
}

int import(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader(
        "Takes over the keys of an apikeys.json, with limits and what they have used: all or none.");
    if (const auto end = reader.takes("FILE", "The file.").read(terminal, arguments))
        return *end;
    QFile file(reader.argument(0));
    if (!file.open(QIODevice::ReadOnly))
        return terminal.fail(file.fileName() + QStringLiteral(": ") + file.errorString());
    const QByteArray text = file.read(KeyFileMax + 1);
    const auto done = ask("POST", KeysPage + QStringLiteral("/import"), text, engine::IfMissing::Create);
    if (!done)
        return terminal.fail(done.error());
    terminal.remark(QStringLiteral("%1 imported, %2 known already. The file still holds the keys themselves.")
                        .arg((*done)[QLatin1String("imported")].toInteger())
                        .arg((*done)[QLatin1String("known_already")].toInteger()));
    return ExitDone;
}

int list(const Terminal &terminal, const QStringList &arguments)
{
    Reader reader("Lists the access keys.");
    const QCommandLineOption json(QStringLiteral("json"), QStringLiteral("Print JSON."));
    reader.addOption(json);
    if (const auto end = reader.read(terminal, arguments))
        return *end;
    const auto keys = listKeys();
    if (!keys)
        return terminal.fail(keys.error());
    if (reader.isSet(json)) {
        terminal.print(QString::fromUtf8(toJson({{QStringLiteral("keys"), *keys}})));
        return ExitDone;
    }
    std::vector<QStringList> lines{keyTableHead()};
    for (const QJsonValue &key : *keys)
        lines.push_back(keyTableLine(key.toObject()));
    terminal.printTable(lines, KeyTableTexts);
    return ExitDone;
}

struct Verb
{
    const char *name;
    int (*run)(const Terminal &terminal, const QStringList &arguments);
    const char *does;
};
constexpr std::array<Verb, 9> Verbs{{
    {"create", create, "--label LABEL …   makes one and prints it"},
    {"list", list, "                    lists them"},
    {"pause", pause, "KEY                refuses what comes with it"},
    {"resume", resume, "KEY               until then"},
    {"rename", rename, "KEY LABEL         gives it another label"},
    {"set", set, "KEY …                changes limits and the like"},
    {"rotate", rotate, "KEY               gives it another text and prints that"},
    {"delete", remove, "KEY               deletes it"},
    {"import", import, "FILE              takes over an apikeys.json"},
}};

QString overview(const QString &command)
{
    QString text =
        QStringLiteral("Usage: %1 COMMAND\n\nThe access keys that tools send to Weir in place of a "
                       "provider's key, by the running Weir or in\nwhat it has saved. KEY is an id or a "
                       "label. Each command has a --help of its own.\n\n")
            .arg(command);
    for (const Verb &verb : Verbs)
        text += QStringLiteral("  %1 %2\n").arg(QLatin1String(verb.name), QString::fromUtf8(verb.does));
    return text.chopped(1);
}

} // namespace

int keysCommand(const QString &program, const QStringList &arguments)
{
    const Terminal terminal(program + QStringLiteral(" keys"));
    const QString name = arguments.value(0);
    if (name == QLatin1String("--help") || name == QLatin1String("-h")) {
        terminal.print(overview(terminal.command()));
        return ExitDone;
    }
    for (const Verb &verb : Verbs) {
        if (name == QLatin1String(verb.name))
            return verb.run(Terminal(terminal.command() + QLatin1Char(' ') + name), arguments.mid(1));
    }
    return terminal.refuse(name.isEmpty() ? QStringLiteral("what shall be done with keys?")
                                          : QStringLiteral("there is no command '%1'").arg(printable(name)));
}

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/backup_command.h"

#include "app/terminal.h"
#include "engine/admin_file.h"
#include "engine/store_client.h"
#include <QCommandLineParser>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::app {

namespace {

/// The one argument, as a whole path: the engine may stand in another folder.
QString fileOf(const QCommandLineParser &parser)
{
    const QStringList given = parser.positionalArguments();
    return given.size() == 1 && !given.constFirst().isEmpty()
               ? QFileInfo(given.constFirst()).absoluteFilePath()
               : QString();
}

} // namespace

int backupCommand(const QString &program, const QStringList &arguments)
{
    const Terminal terminal(program + QStringLiteral(" backup"));
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Writes all that is kept (usage, and access keys by their hash) into a new file that only "
        "you can read, also while Weir runs. An existing file is not replaced."));
    parser.addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("The new file."));
    if (const auto end = terminal.parse(parser, arguments))
        return *end;
    const QString file = fileOf(parser);
    if (file.isEmpty())
        return terminal.refuse(QStringLiteral("one file is needed"));

    pipeline::Question question;
    question.method = "POST";
    question.target = "/admin/backup";
    question.body = QJsonDocument({{QStringLiteral("to"), file}}).toJson(QJsonDocument::Compact);
    const auto answer = engine::askStore(engine::databasePath(), question);
    if (!answer && answer.error().code == base::Errc::NotStored) {
        return terminal.fail(QStringLiteral("nothing is kept yet, there is no ") +
                             QString::fromStdString(answer.error().detail));
    }
    if (!answer)
        return terminal.fail(answer.error());
    terminal.remark(QStringLiteral("saved in ") + file);
    return ExitDone;
}

int restoreCommand(const QString &program, const QStringList &arguments)
{
    const Terminal terminal(program + QStringLiteral(" restore"));
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Puts a backup in the place of what is kept. The backup is checked first, and what was there "
        "is moved aside. Weir must not be running."));
    parser.addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("A file that 'backup' has written."));
    if (const auto end = terminal.parse(parser, arguments))
        return *end;
    const QString file = fileOf(parser);
    if (file.isEmpty())
        return terminal.refuse(QStringLiteral("one file is needed"));
    const auto replaced = engine::restoreStore(file.toStdString(), engine::databasePath());
    if (!replaced)
        return terminal.fail(replaced.error());
    terminal.remark(QStringLiteral("restored from ") + file);
    if (!replaced->empty())
        terminal.remark(QStringLiteral("what was there is now ") + QString::fromStdString(*replaced));
    return ExitDone;
}

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands.h"

#include "app/backup_command.h"
#include "app/keys_command.h"
#include "app/secret_command.h"
#include "app/usage_command.h"
#include <algorithm>
#include <array>
#include <string_view>

namespace weir::app {

namespace {

struct Row
{
    std::string_view name;
    int (*run)(const QString &program, const QStringList &arguments);
};
constexpr std::array<Row, 5> Commands{{
    {"usage", usageCommand},
    {"keys", keysCommand},
    {"secret", secretCommand},
    {"backup", backupCommand},
    {"restore", restoreCommand},
}};

const Row *find(std::string_view name)
{
    const auto *const found =
        std::find_if(Commands.begin(), Commands.end(), [&](const Row &row) { return row.name == name; });
    return found == Commands.end() ? nullptr : found;
}

} // namespace

bool isCommand(const char *argument)
{
    return argument && find(argument);
}

int runCommand(const QString &program, const QStringList &arguments)
{
    const Row *command = find(arguments.constFirst().toStdString());
    Q_ASSERT(command);
    return command->run(program, arguments.mid(1));
}

} // namespace weir::app

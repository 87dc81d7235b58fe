// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/admin_file.h"

#include "store/database_lock.h"
#include <array>
#include <QByteArray>
#include <QFile>
#include <QRandomGenerator>
#include <QSaveFile>
#include <QStandardPaths>

namespace weir::engine {

using base::Errc;
using base::Result;
using store::DatabaseLock;

namespace {

QString toPath(const std::string &path)
{
    return QFile::decodeName(QByteArray::fromStdString(path));
}

} // namespace

std::string databasePath()
{
    return QFile::encodeName(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
                             QStringLiteral("/weir/weir.db"))
        .toStdString();
}

base::Secret newAdminToken()
{
    std::array<quint32, 8> random;
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    return base::Secret(
        QByteArray(reinterpret_cast<const char *>(random.data()), sizeof random).toHex().toStdString());
}

Result<void> AdminFile::write(const std::string &database) const
{
    const std::string path = DatabaseLock::adminFileOf(database);
    QSaveFile file(toPath(path));
    const QByteArray text = QByteArray::fromStdString(address + '\n' + std::string(token.reveal()) + '\n');
    // The temporary file of QSaveFile is private from its first moment; a file that was there lends its
    // rights.
    QFile::remove(toPath(path));
    if (!file.open(QIODevice::WriteOnly) ||
        !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) ||
        file.write(text) != text.size() || !file.commit())
        return base::unexpected(Errc::StoreUnavailable, path + ": " + file.errorString().toStdString());
    return {};
}

void AdminFile::remove(const std::string &database)
{
    QFile::remove(toPath(DatabaseLock::adminFileOf(database)));
}

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-or-later
#include "keychain/system_keychain.h"

#include <qt6keychain/keychain.h>

namespace weir::keychain {

using base::Errc;
using base::Result;
using base::Secret;
using store::KeychainJob;

namespace {

/// Under which the entries are found in the desktop's own programs.
QString service()
{
    return QStringLiteral("weir");
}

QKeychain::Job *makeJob(const KeychainJob &job)
{
    switch (job.kind) {
    case KeychainJob::Kind::Read:
        return new QKeychain::ReadPasswordJob(service());
    case KeychainJob::Kind::Remove:
        return new QKeychain::DeletePasswordJob(service());
    case KeychainJob::Kind::Write:
        break;
    }
    auto *write = new QKeychain::WritePasswordJob(service());
    const std::string_view text = job.secret->reveal();
    write->setTextData(QString::fromUtf8(text.data(), qsizetype(text.size())));
    return write;
}

Errc codeOf(QKeychain::Error error)
{
    switch (error) {
    case QKeychain::NoError:
        return Errc::None;
    case QKeychain::EntryNotFound:
        return Errc::NotStored;
    case QKeychain::AccessDeniedByUser:
    case QKeychain::AccessDenied:
    case QKeychain::CouldNotDeleteEntry:
        return Errc::KeychainDenied;
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
    case QKeychain::OtherError:
        return Errc::KeychainUnavailable;
    }
    return Errc::KeychainUnavailable;
}

Result<Secret> resultOf(const QKeychain::Job &job)
{
    const Errc code = codeOf(job.error());
    if (code != Errc::None)
        return base::unexpected(code, job.errorString().toStdString());
    const auto *read = qobject_cast<const QKeychain::ReadPasswordJob *>(&job);
    return Secret(read ? read->textData().toStdString() : std::string());
}

} // namespace

void SystemKeychain::start(KeychainJob job, Done done)
{
    QKeychain::Job *started = makeJob(job); // deletes itself when it has finished
    started->setInsecureFallback(false);
    started->setKey(QString::fromStdString(job.name));
    QObject::connect(started, &QKeychain::Job::finished, started,
                     [done = std::move(done)](QKeychain::Job *finished) { done(resultOf(*finished)); });
    started->start();
}

} // namespace weir::keychain

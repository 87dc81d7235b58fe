// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/secrets_thread.h"

#include <QSemaphore>

namespace weir::store {

namespace {

constexpr char NoThreadedGlib[] = "QT_NO_THREADED_GLIB";

} // namespace

SecretsThread::SecretsThread() : m_thread(new QThread)
{
    m_thread->setObjectName(QStringLiteral("secrets"));
    const bool wasSet = qEnvironmentVariableIsSet(NoThreadedGlib);
    const QByteArray before = qgetenv(NoThreadedGlib);
    if (wasSet) // else the environment is left alone: other threads may be reading it
        qunsetenv(NoThreadedGlib);
    QSemaphore running;
    QObject context;
    QObject::connect(
        m_thread, &QThread::started, &context, [&running] { running.release(); }, Qt::DirectConnection);
    m_thread->start();
    running.acquire(); // its event dispatcher is made before it says so
    if (wasSet)
        qputenv(NoThreadedGlib, before);
}

SecretsThread::~SecretsThread()
{
    m_thread->quit();
    if (m_thread->wait(QDeadlineTimer(StopWait)))
        delete m_thread;
}

} // namespace weir::store
